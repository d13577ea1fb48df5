import type { LineServer } from "../line/line_server.ts";
import type { JobStore } from "../job_store.ts";
import type { JobState } from "../stored_job.ts";
import { refuseStranger } from "./admission.ts";
import { statusOf } from "./error_status.ts";
import { viewBody, viewJob } from "./job_view.ts";
import { readBody } from "./read_body.ts";
import { readJobs } from "./read_jobs.ts";
import { RequestError } from "./request_error.ts";

/** Options of {@linkcode queueHandler}. */
export interface QueueHandlerOptions {
  /** Keeps the jobs. */
  store: JobStore;
  /**
   * What a request must show as `authorization: Bearer TOKEN` (RFC 6750).
   *
   * @default {nothing}
   */
  token?: string;
  /**
   * The line server of the same store, to show what it has counted and could not read.
   *
   * @default {none}
   */
  lines?: Pick<LineServer, "stats" | "deadLines">;
  /**
   * The longest request in bytes.
   *
   * @default {16_777_216}
   */
  maxBodyBytes?: number;
  /**
   * Most jobs pushed by one request.
   *
   * @default {10_000}
   */
  maxJobs?: number;
}

/** What answers requests, for `Deno.serve` and whatever else knows `fetch`. */
export type FetchHandler = (request: Request) => Promise<Response>;

const STATES: readonly string[] = ["ready", "delayed", "reserved", "buried"];
const MAX_LISTED = 1000;

/**
 * Makes a handler of HTTP requests, all in JSON:
 *
 * - `POST /jobs` stores one job or an array of them, with the fields of the line protocol;
 * - `GET /jobs/ID` shows a job, `DELETE /jobs/ID` ends one that is not reserved;
 * - `POST /jobs/ID/kick` makes one that is buried or delayed ready;
 * - `GET /queues` shows all queues, `GET /queues/NAME` one;
 * - `GET /queues/NAME/jobs?state=buried&limit=100&after=0` lists jobs;
 * - `POST /queues/NAME/kick` with `{"count":10}` kicks jobs;
 * - `POST /queues/NAME/pause` with `{"durationMs":60000}` pauses, without it until
 *   `POST /queues/NAME/resume`;
 * - `GET /stats` shows what the store holds and has counted;
 * - `GET /lines` shows what the line server has counted, and the latest lines that were no jobs.
 *
 * An error is answered with `{"error":"…"}`; a full queue with status 503.
 *
 * @example Push a job
 * ```ts
 * import { MemoryJobStore, queueHandler } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * const handler = queueHandler({ store, token: "secret" });
 * const response = await handler(
 *   new Request("http://localhost/jobs", {
 *     method: "POST",
 *     headers: { authorization: "Bearer secret" },
 *     body: JSON.stringify({ job: "hello", data: "Christoph" }),
 *   }),
 * );
 * assertEquals(await response.json(), { id: 1, duplicate: false });
 * ```
 *
 * @param options See {@linkcode QueueHandlerOptions}.
 * @returns The handler.
 */
export function queueHandler(options: QueueHandlerOptions): FetchHandler {
  const routes = new QueueRoutes(options);
  return (request) => routes.handle(request);
}

class QueueRoutes {
  readonly #store: JobStore;
  readonly #token: string | undefined;
  readonly #lines: QueueHandlerOptions["lines"];
  readonly #maxBodyBytes: number;
  readonly #maxJobs: number;

  constructor(options: QueueHandlerOptions) {
    this.#store = options.store;
    this.#token = options.token;
    this.#lines = options.lines;
    this.#maxBodyBytes = options.maxBodyBytes ?? 16_777_216;
    this.#maxJobs = options.maxJobs ?? 10_000;
  }

  async handle(request: Request): Promise<Response> {
    const refusal = refuseStranger(request, this.#token);
    if (refusal !== null) return refusal;
    try {
      return Response.json(await this.#route(request));
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      return Response.json({ error: (error as Error).message }, { status });
    }
  }

  async #route(request: Request): Promise<unknown> {
    const url = new URL(request.url);
    const [root, name, verb, ...rest] = url.pathname.slice(1).split("/").map(decode);
    const { method } = request;
    if (rest.length > 0) throw notFound();
    if (root === "jobs" && name === undefined && method === "POST") {
      return await this.#push(await this.#body(request));
    }
    if (root === "jobs" && name !== undefined) {
      return await this.#onJob(Number(name), `${method} ${verb ?? ""}`);
    }
    if (root === "queues" && name === undefined && method === "GET") {
      return this.#store.tubes().map((tube) => this.#store.tubeStats(tube));
    }
    if (root === "queues" && name !== undefined) {
      if (method === "GET") return await this.#inspect(name, verb, url.searchParams);
      if (method === "POST") return await this.#control(name, verb, await this.#body(request));
    }
    if (root === "stats" && name === undefined && method === "GET") return this.#store.stats();
    if (root === "lines" && name === undefined && method === "GET") return this.#showLines();
    throw notFound();
  }

  #showLines(): unknown {
    if (this.#lines === undefined) throw notFound();
    const deadLines = this.#lines.deadLines().map(({ at, from, reason, line }) => {
      return { at: new Date(at).toISOString(), from, reason, ...viewBody(line) };
    });
    return { ...this.#lines.stats(), deadLines };
  }

  async #body(request: Request): Promise<unknown> {
    return await readBody(request, this.#maxBodyBytes);
  }

  async #push(value: unknown): Promise<unknown> {
    const jobs = readJobs(value, this.#maxJobs);
    return Array.isArray(value)
      ? await this.#store.pushMany(jobs)
      : await this.#store.push(jobs[0]!);
  }

  async #onJob(id: number, call: string): Promise<unknown> {
    if (call === "GET ") {
      const job = await this.#store.peek(id);
      if (job !== null) return viewJob(job);
    } else if (call === "DELETE ") {
      if (await this.#store.delete(id)) return { deleted: true };
    } else if (call === "POST kick") {
      if (await this.#store.kickJob(id)) return { kicked: true };
    }
    throw notFound();
  }

  async #inspect(
    tube: string,
    verb: string | undefined,
    query: URLSearchParams,
  ): Promise<unknown> {
    const stats = this.#store.tubeStats(tube);
    if (stats === null) throw notFound();
    if (verb === undefined) return stats;
    if (verb !== "jobs") throw notFound();
    const state = query.get("state") ?? "ready";
    const limit = Number(query.get("limit") ?? 100);
    const after = Number(query.get("after") ?? 0);
    if (!STATES.includes(state) || !(limit >= 1 && limit <= MAX_LISTED) || !(after >= 0)) {
      throw new RequestError("Cannot list jobs as state, limit or after is wrong", { status: 400 });
    }
    const jobs = await this.#store.list(tube, { state: state as JobState, limit, after });
    return jobs.map(viewJob);
  }

  async #control(tube: string, verb: string | undefined, value: unknown): Promise<unknown> {
    const { count = 1, durationMs = Infinity } = (value ?? {}) as Record<string, unknown>;
    if (verb === "kick") {
      if (!Number.isInteger(count) || (count as number) < 1) throw wrong("count");
      return { kicked: await this.#store.kick(tube, count as number) };
    }
    if (verb === "pause" || verb === "resume") {
      if (typeof durationMs !== "number" || !(durationMs >= 0)) throw wrong("durationMs");
      await this.#store.pause(tube, verb === "pause" ? durationMs : 0);
      return { paused: verb === "pause" && durationMs > 0 };
    }
    throw notFound();
  }
}

function notFound(): RequestError {
  return new RequestError("Cannot serve request as there is nothing like it", { status: 404 });
}

function wrong(field: string): RequestError {
  return new RequestError(`Cannot serve request as its ${field} is wrong`, { status: 400 });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new RequestError("Cannot read address of request", { status: 400, cause });
  }
}
