import {
  badge,
  chart,
  facts,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  type Html,
  html,
  type MenuItem,
  OrderError,
  type OrderResult,
  type Page,
  RateHistory,
  type Row,
  type Site,
  table,
  type Tile,
  tiles,
  type View,
} from "../../dashboard/mod.ts";
import type { SupervisorStatus } from "../supervisor_status.ts";
import type { WorkerState } from "../worker_handle.ts";
import { RequestMeter } from "../request_meter.ts";
import type { Supervised } from "./supervisor_dashboard.ts";

const MAX_SAMPLES = 120;

const TONES: Readonly<Record<WorkerState, NonNullable<Tile["tone"]>>> = {
  booting: "new",
  ready: "good",
  draining: "calm",
  retiring: "calm",
  stopping: "calm",
  exited: "bad",
};

/** The page of a supervisor, and what can be ordered there. */
export class SupervisorSite implements Site {
  readonly name = "Workers";
  readonly menu: readonly MenuItem[] = [];
  readonly #supervisor: Supervised;
  readonly #rates = new RateHistory<"requests" | "spawned">();
  readonly #requests = new RequestMeter();
  readonly #memory: number[] = [];
  /** Why the last reload was given up. */
  #failure: string | null = null;

  /**
   * @param supervisor Whom to show.
   */
  constructor(supervisor: Supervised) {
    this.#supervisor = supervisor;
  }

  look(now: number): void {
    const { workers, counts } = this.#supervisor.status();
    this.#requests.look(now, workers);
    this.#rates.record(now, { requests: this.#requests.total, spawned: counts.spawned });
    this.#memory.push(memoryOf(workers));
    if (this.#memory.length > MAX_SAMPLES) this.#memory.shift();
  }

  page(path: readonly string[], view: View): Page | null {
    if (path.length > 0) return null;
    const status = this.#supervisor.status();
    return {
      title: "Workers",
      parts: {
        notices: this.#notices(status),
        numbers: numbers(status),
        actions: actions(view, status),
        requests: chart("Requests a second", [
          { label: "all workers", values: this.#rates.rates("requests"), tone: "new" },
        ]),
        workers: table(status.workers.map((worker) => this.#row(worker)), {
          caption: "Workers",
          columns: ["Worker", "State", "Process#", "Up#", "Memory#", "Requests#", "Now#"],
          empty: "There are no workers",
        }),
        memory: chart("Resident memory", [
          { label: "all workers", values: this.#memory, tone: "busy" },
        ], { format: formatBytes }),
        facts: facts([
          ["supervisor", `process ${status.pid}`],
          ["listens on", status.port === 0 ? "no port" : `${status.hostname}:${status.port}`],
          ["port is shared by", status.share],
          ["reload loses no connection", status.zeroLoss ? "yes" : "not promised"],
          ["workers started", formatCount(status.counts.spawned)],
          ["boots failed", formatCount(status.counts.bootFailures)],
        ]),
      },
    };
  }

  order([verb, ...rest]: readonly string[]): Promise<OrderResult | null> {
    if (rest.length > 0) return Promise.resolve(null);
    if (verb === "reload") return Promise.resolve(this.#reload());
    const { size } = this.#supervisor.status();
    if (verb === "more") return Promise.resolve(this.#scale(size + 1));
    if (verb === "fewer" && size > 1) return Promise.resolve(this.#scale(size - 1));
    return Promise.resolve(null);
  }

  /** A reload takes as long as boots and last requests do: the page tells how it goes. */
  #reload(): OrderResult {
    this.#failure = null;
    this.#supervisor.reload().then(
      ({ failure }) => this.#failure = failure?.reason ?? null,
      (error) => this.#failure = error instanceof Error ? error.message : String(error),
    );
    return { path: [], message: "All workers are being replaced" };
  }

  #scale(workers: number): OrderResult {
    try {
      this.#supervisor.scale(workers);
    } catch (error) {
      if (error instanceof RangeError) throw new OrderError(error.message);
      throw error;
    }
    return { path: [], message: `There are to be ${workers} workers` };
  }

  #notices({ crashLooping, notices }: SupervisorStatus): Html {
    const bad = [
      crashLooping && "A worker can't be kept alive",
      this.#failure !== null && `The last reload was given up: ${this.#failure}`,
    ].filter((text) => text !== false);
    return html`${bad.map((text) => html`<p class="card notice bad" role="alert">${text}</p>`)}${
      notices.map((text) => html`<p class="card notice">${text}</p>`)
    }`;
  }

  #row({ id, pid, state, uptimeMs, rssBytes, requests }: SupervisorStatus["workers"][number]): Row {
    return {
      key: String(pid),
      cells: [
        id,
        badge(state, TONES[state]),
        pid,
        formatDuration(uptimeMs),
        rssBytes === 0 ? "–" : formatBytes(rssBytes),
        formatCount(requests),
        formatRate(this.#requests.rate(pid)),
      ],
    };
  }
}

function memoryOf(workers: SupervisorStatus["workers"]): number {
  return workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
}

function numbers({ workers, size, counts, uptimeMs }: SupervisorStatus): Html {
  const ready = workers.filter(({ state }) => state === "ready").length;
  return tiles([
    { label: "ready", value: `${ready} of ${size}`, tone: ready < size ? "bad" : "good" },
    { label: "memory", value: formatBytes(memoryOf(workers)), tone: "busy" },
    { label: "crashed", value: formatCount(counts.crashed), tone: counts.crashed > 0 ? "bad" : "" },
    {
      label: "killed",
      value: formatCount(counts.killed),
      tone: counts.killed > 0 ? "bad" : "",
      note: "as they hung",
    },
    {
      label: "reloads",
      value: formatCount(counts.reloads),
      tone: "new",
      note: counts.failedReloads > 0 ? `${counts.failedReloads} given up` : undefined,
    },
    { label: "up", value: formatDuration(uptimeMs) },
  ]);
}

function actions(view: View, { size }: SupervisorStatus): Html {
  return html`<div class="bar">${
    view.form(["reload"], { label: "Reload", title: "Replace all workers, one after the other" })
  }${view.form(["more"], { label: "One worker more" })}${
    size > 1 && view.form(["fewer"], { label: "One worker fewer" })
  }</div>`;
}
