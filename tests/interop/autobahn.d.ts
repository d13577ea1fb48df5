/** The part of npm's autobahn that the tests use. */
export interface Session {
  readonly id: number;
  subscribe(
    topic: string,
    handler: (args: unknown[], kwargs: object, details: Record<string, unknown>) => void,
    options?: object,
  ): PromiseLike<{ unsubscribe(): PromiseLike<boolean> }>;
  publish(
    topic: string,
    args?: unknown[],
    kwargs?: object,
    options?: object,
  ): PromiseLike<{ id: number } | undefined>;
  register(
    procedure: string,
    handler: (
      args: unknown[],
      kwargs: object,
      details: { progress?: (args: unknown[]) => void },
    ) => unknown,
    options?: object,
  ): PromiseLike<{ unregister(): PromiseLike<boolean> }>;
  call(procedure: string, args?: unknown[], kwargs?: object, options?: object): Call;
}

/** A promise that tells of progress, too. */
export interface Call {
  then<A = unknown, B = never>(
    done?: ((value: unknown) => A | PromiseLike<A>) | null,
    failed?: ((error: { error: string; args: unknown[] }) => B | PromiseLike<B>) | null,
    progress?: (value: unknown) => void,
  ): PromiseLike<A | B>;
}

export interface ConnectionOptions {
  url: string;
  realm: string;
  max_retries?: number;
  authmethods?: string[];
  authid?: string;
  onchallenge?: (session: Session, method: string, extra: object) => string;
  serializers?: object[];
}

declare const autobahn: {
  Connection: new (options: ConnectionOptions) => {
    onopen: (session: Session, details: Record<string, unknown>) => void;
    onclose: (reason: string, details: Record<string, unknown>) => boolean;
    open(): void;
    close(): void;
  };
  Result: new (args: unknown[], kwargs?: object) => object;
  Error: new (uri: string, args?: unknown[], kwargs?: object) => object;
  serializer: { MsgpackSerializer: new () => object; JSONSerializer: new () => object };
};
export default autobahn;
