/** The part of npm's ws that the tests use. */
export declare class WebSocket {
  constructor(url: string, protocols?: string[] | { perMessageDeflate: boolean });
  readonly extensions: string;
  readonly protocol: string;
  once(event: string, listener: (...args: unknown[]) => void): this;
  send(data: string | Uint8Array, options?: { fin: boolean }): void;
  ping(data?: string): void;
  close(code?: number): void;
}
