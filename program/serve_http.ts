import { ListenError } from "../loop/mod.ts";
import type { Log } from "./log.ts";
import { readGivenFile } from "./run_program.ts";
import { UsageError } from "./usage_error.ts";

/** Options of {@linkcode serveHttp}. */
export interface ServeHttpOptions {
  /** The interface to listen on. */
  hostname: string;
  /** The port; 0 for any. */
  port: number;
  /** Told where it listens, and of what fails. */
  log: Log;
  /** What answers everything else. */
  handler: (request: Request) => Promise<Response>;
  /** Pages for people. */
  dashboard: Disposable & {
    serves(request: Request): boolean;
    fetch(request: Request): Promise<Response>;
  };
}

/**
 * Serves the HTTP port of a program until it is disposed; requests under way are answered.
 *
 * @throws {ListenError} When the port can't be had.
 */
export function serveHttp(options: ServeHttpOptions): AsyncDisposable {
  const { log, handler, dashboard } = options;
  const server = listen(
    options,
    (request) => dashboard.serves(request) ? dashboard.fetch(request) : handler(request),
  );
  log.info(`listening on ${placeOf(server.addr)} (http), people at /dashboard`, { ...server.addr });
  return {
    [Symbol.asyncDispose]: async () => {
      // Pages that are followed live would keep the server from ending.
      dashboard[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

function listen(
  { hostname, port, log }: ServeHttpOptions,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = (error: unknown): Response => {
    log.error(error instanceof Error ? error.message : String(error));
    return Response.json({ error: "Cannot serve request" }, { status: 500 });
  };
  try {
    return Deno.serve({ hostname, port, onListen: () => undefined, onError }, handler);
  } catch (cause) {
    const address = placeOf({ hostname, port });
    const isTaken = cause instanceof Deno.errors.AddrInUse;
    const reason = isTaken ? "the address is in use" : (cause as Error).message;
    const code = isTaken ? "in-use" : "failed";
    throw new ListenError(`Cannot listen on ${address} as ${reason}`, { code, address, cause });
  }
}

/**
 * Reads the token that a program asks for.
 *
 * @param file Its file; `undefined` for no token.
 * @throws {UsageError} When it can't be read, or is empty.
 */
export async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const token = (await readGivenFile(file, "token")).trim();
  if (token === "") throw new UsageError(`Cannot use token ${file} as it is empty`);
  return token;
}

function placeOf({ hostname, port }: { hostname: string; port: number }): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
