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

/** Serves the HTTP port of a program until it is disposed; requests under way are answered. */
export function serveHttp(options: ServeHttpOptions): AsyncDisposable {
  const { hostname, port, log, handler, dashboard } = options;
  const server = Deno.serve({
    hostname,
    port,
    onListen: (address) =>
      log.info(`listening on ${placeOf(address)} (http), people at /dashboard`, { ...address }),
    onError: (error) => {
      log.error(error instanceof Error ? error.message : String(error));
      return Response.json({ error: "Cannot serve request" }, { status: 500 });
    },
  }, (request) => dashboard.serves(request) ? dashboard.fetch(request) : handler(request));
  return {
    [Symbol.asyncDispose]: async () => {
      // Pages that are followed live would keep the server from ending.
      dashboard[Symbol.dispose]();
      await server.shutdown();
    },
  };
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

function placeOf({ hostname, port }: Deno.NetAddr): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
