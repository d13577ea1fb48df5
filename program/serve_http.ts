import { EventLoop, formatAddress, ListenError, showsToken } from "../loop/mod.ts";
import type { PrometheusTelemetry } from "../telemetry/mod.ts";
import type { Log } from "./log.ts";
import { readGivenFile } from "./run_program.ts";
import { messageOf } from "./message_of.ts";
import { UsageError } from "./usage_error.ts";

/** Options of {@linkcode serveHttp}. */
export interface ServeHttpOptions {
  /** The interface to listen on. */
  hostname: string;
  /** The port; 0 for any. */
  port: number;
  /** Told where it listens, and of what fails. */
  log: Log;
  /**
   * What answers everything else.
   *
   * @default {everything else isn't found}
   */
  handler?: (request: Request) => Promise<Response>;
  /**
   * Pages for people.
   *
   * @default {none}
   */
  dashboard?: Disposable & {
    /** Where people begin, if not at `/dashboard`. */
    readonly path?: string;
    serves(request: Request): boolean;
    fetch(request: Request): Promise<Response>;
  };
  /**
   * What `GET /metrics` is answered by.
   *
   * @default {nothing}
   */
  metrics?: PrometheusTelemetry | null;
  /**
   * What who asks for metrics must show as `authorization: Bearer TOKEN`.
   *
   * @default {nothing}
   */
  metricsToken?: string;
  /**
   * How long requests under way are waited for in the end, in milliseconds.
   *
   * @default {5000}
   */
  patienceMs?: number;
}

/**
 * Serves the HTTP port of a program until it is disposed; requests under way are answered.
 *
 * @throws {ListenError} When the port can't be had.
 */
export function serveHttp(options: ServeHttpOptions): AsyncDisposable {
  const { log, dashboard } = options;
  const server = listen(options, (request) => route(request, options));
  const what = dashboard === undefined
    ? "metrics at /metrics"
    : `people at ${dashboard.path ?? "/dashboard"}`;
  log.info(`listening on ${formatAddress(server.addr)} (http), ${what}`, { ...server.addr });
  return {
    [Symbol.asyncDispose]: async () => {
      // Pages that are followed live would keep the server from ending.
      dashboard?.[Symbol.dispose]();
      await inTime(server.shutdown(), options.patienceMs ?? 5000);
    },
  };
}

/** Waits only so long: a client that reads nothing would keep the server from ending. */
async function inTime(shutdown: Promise<void>, patienceMs: number): Promise<void> {
  const over = new AbortController();
  const late = EventLoop.default().sleep(patienceMs, over).catch(() => undefined);
  try {
    await Promise.race([shutdown, late]);
  } finally {
    over.abort();
  }
}

async function route(request: Request, options: ServeHttpOptions): Promise<Response> {
  const { handler, dashboard, metrics, metricsToken } = options;
  if (dashboard?.serves(request)) return await dashboard.fetch(request);
  if (metrics && request.method === "GET" && new URL(request.url).pathname === "/metrics") {
    if (metricsToken === undefined || showsToken(request, metricsToken)) {
      return await metrics.respond();
    }
    const headers = { "www-authenticate": "Bearer" };
    const error = "Cannot serve metrics as the request shows no valid token";
    return Response.json({ error }, { status: 401, headers });
  }
  if (handler !== undefined) return await handler(request);
  return Response.json({ error: "There is no such page" }, { status: 404 });
}

function listen(
  { hostname, port, log }: ServeHttpOptions,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = (error: unknown): Response => {
    log.error(messageOf(error));
    return Response.json({ error: "Cannot serve request" }, { status: 500 });
  };
  try {
    return Deno.serve({ hostname, port, onListen: () => undefined, onError }, handler);
  } catch (cause) {
    const address = formatAddress({ hostname, port });
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
