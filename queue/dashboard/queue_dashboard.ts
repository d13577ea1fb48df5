import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import { EventLoop } from "../../loop/mod.ts";
import type { JobStore } from "../job_store.ts";
import { QueueSite } from "./queue_site.ts";
import { RateWatch } from "./rate_watch.ts";

/** Options of {@linkcode QueueDashboard}. */
export interface QueueDashboardOptions {
  /** Keeps the jobs. */
  store: JobStore;
  /**
   * Where the dashboard is: the path that all of its addresses begin with.
   *
   * @default {"/dashboard"}
   */
  path?: string;
  /**
   * What lets people in to kick, retry, delete and pause; without one the dashboard only shows.
   *
   * @default {none}
   */
  token?: string;
  /**
   * Who may look when there is a token: everybody, or those who have logged in.
   *
   * @default {"token"}
   */
  readers?: "all" | "token";
  /**
   * Most pages followed live at a time.
   *
   * @default {32}
   */
  maxStreams?: number;
  /**
   * Told of what fails while a page is made.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
  /**
   * The loop whose clock and timers are used.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/**
 * Shows people what a store holds: queues, their rates, jobs and what has
 * become of them. Who knows the token can kick, retry, delete and pause.
 *
 * @example Mount it
 * ```ts
 * import { MemoryJobStore } from "@sluice/sluice/queue";
 * import { QueueDashboard } from "@sluice/sluice/queue/dashboard";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * await store.push({ body: new TextEncoder().encode("{}"), tube: "mail" });
 * using dashboard = new QueueDashboard({ store });
 * const response = await dashboard.fetch(new Request("http://localhost/dashboard"));
 * assertStringIncludes(await response.text(), "mail");
 * ```
 */
export class QueueDashboard implements Disposable {
  readonly #dashboard: Dashboard;
  readonly #watch: RateWatch;

  /**
   * Makes a dashboard.
   *
   * @param options See {@linkcode QueueDashboardOptions}.
   * @throws {RangeError} When `path` is no path, or `token` is empty.
   */
  constructor(options: QueueDashboardOptions) {
    const { store, loop = EventLoop.default(), ...rest } = options;
    this.#watch = new RateWatch(store, loop);
    const site = new QueueSite(store, this.#watch);
    this.#dashboard = new Dashboard(site, { ...rest, loop } satisfies DashboardOptions);
  }

  /** Answers a request; a function of its own, so that it can be handed to `Deno.serve`. */
  get fetch(): (request: Request) => Promise<Response> {
    return this.#dashboard.fetch;
  }

  /** Whether a request is for the dashboard. */
  serves(request: Request): boolean {
    return this.#dashboard.serves(request);
  }

  /** Ends the live streams; the store stays open. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#dashboard[Symbol.dispose]();
  }
}
