import { EventLoop, showsToken } from "../../loop/mod.ts";
import { isId } from "../id.ts";
import type { ModstampSource } from "../source.ts";
import { StoreError } from "../store.ts";
import { Changer } from "./changer.ts";
import { readChange } from "./change_request.ts";
import { CorsPolicy } from "./cors_policy.ts";
import { EventStreams } from "./event_streams.ts";
import {
  type GatewaySettings,
  type ModstampGatewayOptions,
  settleGateway,
} from "./gateway_options.ts";
import { type GatewayStats, zeroGatewayStats } from "./gateway_stats.ts";
import { LongPolls } from "./long_polls.ts";
import { etagOf, matchesEtag } from "./etag.ts";
import { RequestError } from "./request_error.ts";
import { viewValue } from "./value_view.ts";
import { WatchHub } from "./watch_hub.ts";

const EVENT_STREAM = "text/event-stream";
const encoder = new TextEncoder();

/**
 * Modstamps over HTTP, for browsers and whoever can't send UDP. A `fetch`
 * handler for `Deno.serve`, Hono, or an edge platform:
 *
 * - `GET /v1/modstamps/ID` gives `{"id":"…","value":"…"}` with an ETag; `If-None-Match` gets 304. With
 *   `?known=VALUE` the answer waits until the value is another one, at most `wait` seconds;
 * - `GET /v1/modstamps?id=A&id=B` gives several; with `Accept: text/event-stream` a stream of
 *   server-sent events: the present values, and then each change. A client that comes back
 *   with `Last-Event-ID`, as browsers do, is told what has changed since, by whichever server;
 * - `PUT /v1/modstamps/ID` changes a value, with the token: text, or JSON with `value`, `base64` or
 *   `strategy`. It is answered once the change is durable.
 *
 * An error is answered with `{"error":"…"}`.
 *
 * @example Change a value and read it
 * ```ts
 * import { MemoryModstampStore, StoreSource } from "@sluice/sluice/modstamp";
 * import { ModstampGateway } from "@sluice/sluice/modstamp/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using source = await StoreSource.open(new MemoryModstampStore());
 * using gateway = new ModstampGateway({ source, token: "secret" });
 * const url = "http://localhost/v1/modstamps/prices";
 * const headers = { authorization: "Bearer secret" };
 * await gateway.fetch(new Request(url, { method: "PUT", headers, body: "v2" }));
 * const response = await gateway.fetch(new Request(url));
 * assertEquals(await response.json(), { id: "prices", value: "v2" });
 * ```
 */
export class ModstampGateway implements Disposable {
  readonly #source: ModstampSource;
  readonly #base: string;
  readonly #settings: GatewaySettings;
  readonly #token: string | undefined;
  readonly #isOpen: boolean;
  readonly #cors: CorsPolicy;
  readonly #hub: WatchHub;
  readonly #streams: EventStreams;
  readonly #polls: LongPolls;
  readonly #changer: Changer;
  readonly #onError: (error: unknown) => void;
  readonly #stats: GatewayStats = zeroGatewayStats();
  #closed = false;

  /**
   * Makes a gateway; disposing of it leaves the source as it is.
   *
   * @param options See {@linkcode ModstampGatewayOptions}.
   * @throws {RangeError} When an option is out of its range.
   */
  constructor(options: ModstampGatewayOptions) {
    const { source, path = "/v1/modstamps", token, loop = EventLoop.default() } = options;
    if (!/^(\/[\w.~-]+)+$/.test(path)) {
      throw new RangeError(`Cannot serve modstamps at ${path} as that is no path`);
    }
    if (token === "") throw new RangeError("Cannot serve modstamps as the token is empty");
    const settings = settleGateway(options);
    const stats = this.#stats;
    this.#source = source;
    this.#base = path;
    this.#settings = settings;
    this.#token = token;
    this.#isOpen = options.writers === "all";
    this.#cors = new CorsPolicy(options.origins ?? []);
    const hub = this.#hub = new WatchHub(source);
    this.#streams = new EventStreams({ ...settings, loop, hub, stats });
    this.#polls = new LongPolls({ loop, hub, maxPolls: settings.maxPolls });
    this.#onError = options.onError ?? reportError;
    this.#changer = new Changer({ ...settings, source, loop, stats, onError: this.#onError });
  }

  /** Whether a request is for the gateway. */
  serves(request: Request): boolean {
    const { pathname } = new URL(request.url);
    return pathname === this.#base || pathname.startsWith(`${this.#base}/`);
  }

  /** Answers a request. */
  readonly fetch = async (request: Request): Promise<Response> => {
    this.#stats.requests++;
    const response = await this.#answer(request);
    this.#cors.apply(request, response.headers);
    response.headers.set("x-content-type-options", "nosniff");
    return response;
  };

  /** What the gateway has counted. */
  stats(): GatewayStats {
    return { ...this.#stats, streams: this.#streams.size, polls: this.#polls.size };
  }

  /** Ends all streams, and answers who waits. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#streams[Symbol.dispose]();
    this.#polls[Symbol.dispose]();
    this.#hub[Symbol.dispose]();
  }

  async #answer(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      if (error instanceof RequestError) {
        this.#count(error);
        const { message, status, headers } = error;
        return Response.json({ error: message }, { status, headers });
      }
      this.#onError(error);
      return Response.json({ error: "Cannot serve request" }, { status: 500 });
    }
  }

  #count({ status, cause }: RequestError): void {
    // A store that fails was counted as such.
    if (cause instanceof StoreError) return;
    if (status === 401 || status === 403) this.#stats.unauthorized++;
    else if (status === 503) this.#stats.overloaded++;
    else this.#stats.refused++;
  }

  async #route(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (!this.serves(request)) throw notFound();
    const [id, ...rest] = url.pathname.slice(this.#base.length + 1).split("/").map(decode);
    if (rest.length > 0) throw notFound();
    const methods = id === "" ? "GET, HEAD, OPTIONS" : "GET, HEAD, PUT, OPTIONS";
    if (request.method === "OPTIONS") return this.#options(request, methods);
    if (!methods.split(", ").includes(request.method)) {
      throw new RequestError(`Cannot serve ${request.method} here`, {
        status: 405,
        headers: { allow: methods },
      });
    }
    if (this.#closed) throw busy("the server is going away");
    if (request.method === "PUT") return await this.#put(request, checkId(id!));
    const response = id === ""
      ? this.#getMany(request, url.searchParams)
      : await this.#getOne(request, { id: checkId(id!), query: url.searchParams });
    return request.method === "HEAD" && response.body !== null
      ? await withoutBody(response)
      : response;
  }

  #options(request: Request, methods: string): Response {
    if (!this.#cors.isPreflight(request)) {
      return new Response(null, { status: 204, headers: { allow: methods } });
    }
    const response = this.#cors.preflight(request);
    if (response !== null) return response;
    throw new RequestError("Cannot let pages of that site in", { status: 403 });
  }

  async #put(request: Request, id: string): Promise<Response> {
    this.#checkWriter(request);
    const change = await readChange(request);
    const value = await this.#changer.change(id, change);
    return this.#view(id, value, "no-store");
  }

  #checkWriter(request: Request): void {
    if (this.#isOpen || (this.#token !== undefined && showsToken(request, this.#token))) return;
    if (this.#token === undefined) {
      throw new RequestError("Cannot change modstamps as that is not allowed here", {
        status: 403,
      });
    }
    throw new RequestError("Cannot change modstamps without the token", {
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
  }

  async #getOne(
    request: Request,
    { id, query }: { id: string; query: URLSearchParams },
  ): Promise<Response> {
    const isSame = (): boolean => matchesEtag(request, this.#valueOf(id));
    const known = query.get("known");
    if (request.method === "GET" && (known !== null || query.has("wait"))) {
      const bytes = encoder.encode(known ?? "");
      const isKnown = known === null ? isSame : () => isEqual(bytes, this.#valueOf(id));
      const waitMs = this.#waitOf(query);
      if (!await this.#polls.wait(id, { isKnown, waitMs, signal: request.signal })) {
        throw busy("too many wait for changes");
      }
    }
    this.#stats.reads++;
    const value = this.#valueOf(id);
    const response = this.#view(id, value, "no-cache");
    if (!isSame()) return response;
    response.headers.delete("content-type");
    return new Response(null, { status: 304, headers: response.headers });
  }

  #getMany(request: Request, query: URLSearchParams): Response {
    const ids = [...new Set(query.getAll("id"))];
    if (ids.length === 0) {
      throw new RequestError("Cannot tell modstamps as the address names no id", { status: 400 });
    }
    if (ids.length > this.#settings.maxIds) {
      const message = `Cannot tell more than ${this.#settings.maxIds} modstamps at once`;
      throw new RequestError(message, { status: 400 });
    }
    for (const id of ids) checkId(id);
    const isStream = request.headers.get("accept")?.includes(EVENT_STREAM) ?? false;
    if (isStream) return this.#stream(request, ids);
    this.#stats.reads += ids.length;
    const modstamps = ids.map((id) => viewValue(id, this.#valueOf(id)));
    return Response.json({ modstamps }, { headers: { "cache-control": "no-cache" } });
  }

  #stream(request: Request, ids: readonly string[]): Response {
    const headers = {
      "content-type": EVENT_STREAM,
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    };
    if (request.method === "HEAD") return new Response(null, { headers });
    const body = this.#streams.open(ids, request.headers.get("last-event-id"));
    if (body === null) throw busy("too many follow changes");
    return new Response(body, { headers });
  }

  #view(id: string, value: Uint8Array, caching: string): Response {
    const headers = { etag: etagOf(value), "cache-control": caching };
    return Response.json(viewValue(id, value), { headers });
  }

  #valueOf(id: string): Uint8Array {
    return this.#source.value(id) ?? new Uint8Array();
  }

  #waitOf(query: URLSearchParams): number {
    const { waitMs, maxWaitMs } = this.#settings;
    const text = query.get("wait");
    if (text === null) return Math.min(waitMs, maxWaitMs);
    if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Math.min(Number(text) * 1000, maxWaitMs);
    throw new RequestError("Cannot wait as that is no number of seconds", { status: 400 });
  }
}

function checkId(id: string): string {
  if (isId(id)) return id;
  throw new RequestError("Cannot use id as it is not 1 to 255 of 0-9 A-Z a-z _ . : -", {
    status: 400,
  });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new RequestError("Cannot read address of request", { status: 400, cause });
  }
}

function notFound(): RequestError {
  return new RequestError("Cannot serve request as there is nothing like it", { status: 404 });
}

function busy(reason: string): RequestError {
  return new RequestError(`Cannot serve request as ${reason}`, {
    status: 503,
    headers: { "retry-after": "5" },
  });
}

async function withoutBody(response: Response): Promise<Response> {
  const { byteLength } = await response.arrayBuffer();
  response.headers.set("content-length", String(byteLength));
  return new Response(null, response);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
