import type { Buffer } from "node:buffer";

/** What is used of a client of npm:redis. */
export interface NodeRedisClient {
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(args: (string | Buffer)[], options?: { typeMapping?: object }): Promise<unknown>;
  subscribe(
    channel: string,
    listener: (message: Buffer, channel: Buffer) => void,
    bufferMode: true,
  ): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** What is used of npm:redis. */
export interface NodeRedis {
  createClient(options: Record<string, unknown>): NodeRedisClient;
  ErrorReply: abstract new (...args: never[]) => Error;
}

// Not a literal in the call below, so that the package is fetched only when a Redis is opened.
const PACKAGE = "npm:redis@^6.3.1";

/** Loads npm:redis. */
export async function loadNodeRedis(): Promise<NodeRedis> {
  return await import(PACKAGE);
}
