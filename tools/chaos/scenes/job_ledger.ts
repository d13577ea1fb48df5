import type { FaultLog } from "../fault_log.ts";
import type { ChaosJob } from "./jobs.ts";

/** How long the end of a job may take to be stored. */
const SETTLE_MS = 2000;
const MAX_EVIDENCE = 5;

interface KnownJob {
  readonly kind: ChaosJob["kind"];
  acknowledged: boolean;
  begun: number;
  done: number;
  /** When the latest run began, and ended. */
  beginMs: number;
  endMs: number | null;
  /** Whether the latest run failed, as it was to. */
  failed: boolean;
}

/** What is known of all jobs from outside. */
export class JobLedger {
  /** Runs that nothing excuses, a few of them. */
  readonly unexcused: string[] = [];
  acknowledged = 0;
  done = 0;
  /** Runs besides the first one that a fault, or a failure that was planned, explains. */
  excused = 0;
  repeated = 0;
  readonly #jobs: KnownJob[] = [];
  readonly #log: FaultLog;

  /** @param log What may excuse a second run. */
  constructor(log: FaultLog) {
    this.#log = log;
  }

  /** How many there are. */
  get size(): number {
    return this.#jobs.length;
  }

  /** A job is about to be pushed; returns its number. */
  add(kind: ChaosJob["kind"]): number {
    this.#jobs.push({
      kind,
      acknowledged: false,
      begun: 0,
      done: 0,
      beginMs: 0,
      endMs: null,
      failed: false,
    });
    return this.#jobs.length - 1;
  }

  /** Its push was acknowledged. */
  acknowledge(id: number): void {
    this.#jobs[id].acknowledged = true;
    this.acknowledged++;
  }

  /** Takes a line that a job has written. */
  read(line: string): void {
    const [id, what, at] = line.split(" ");
    const job = this.#jobs[Number(id)];
    if (job === undefined) this.#complain(`job ${id} ran, and was never pushed`);
    else if (what === "begin") this.#begin(Number(id), Number(at));
    else {
      job.endMs = Number(at);
      job.failed = what === "fail";
      if (what === "end" && ++job.done === 1) this.done++;
    }
  }

  /** Acknowledged jobs that never came to their end; for the doomed the first attempt is enough. */
  lost(): number[] {
    return this.#jobs.flatMap(({ acknowledged, done, begun, kind }, id) =>
      acknowledged && (kind === "doomed" ? begun : done) === 0 ? [id] : []
    );
  }

  /** How many are to be buried at the end: at least those whose push was acknowledged. */
  doomed(): { least: number; most: number } {
    const doomed = this.#jobs.filter(({ kind }) => kind === "doomed");
    return {
      least: doomed.filter(({ acknowledged }) => acknowledged).length,
      most: doomed.length,
    };
  }

  #begin(id: number, at: number): void {
    const job = this.#jobs[id];
    if (job.begun++ > 0 && !job.failed) this.#judge(id, at);
    job.beginMs = at;
    job.endMs = null;
    job.failed = false;
  }

  /** The run before had not failed: only a fault while it ran, or was to be ended, explains another. */
  #judge(id: number, at: number): void {
    const { beginMs, endMs } = this.#jobs[id];
    const toMs = (endMs ?? at) + SETTLE_MS;
    this.repeated++;
    const harms = ["kill", "network", "disk", "pause"] as const;
    if (this.#log.excuses("queue", { fromMs: beginMs, toMs, harms })) this.excused++;
    else {this.#complain(
        `job ${id} began at ${beginMs}, ended at ${endMs}, and began again at ${at}`,
      );}
  }

  #complain(text: string): void {
    if (this.unexcused.length < MAX_EVIDENCE) this.unexcused.push(text);
    else this.unexcused[MAX_EVIDENCE] = "and others";
  }
}
