import type { EventLoop, Handle } from "../../loop/mod.ts";
import type { JobOutcome } from "../stored_job.ts";
import { Heap } from "./heap.ts";
import { isMoreUrgent, type JobRecord } from "./job_record.ts";
import type { Shelf } from "./shelf.ts";
import type { StoreClock } from "./store_clock.ts";
import { TubeTable } from "./tube_table.ts";

/** The longest that a timer sleeps, so that a change of the wall clock is noticed. */
const MAX_SLEEP_MS = 60_000;

function isSooner(a: JobRecord, b: JobRecord): boolean {
  return a.readyAt < b.readyAt || (a.readyAt === b.readyAt && a.id < b.id);
}

/** What the store keeps in a tube. */
class Content {
  readonly ready: Heap<JobRecord> = new Heap<JobRecord>(isMoreUrgent);
  readonly delayed: Heap<JobRecord> = new Heap<JobRecord>(isSooner);
  readonly buried = new Map<number, JobRecord>();
  readonly keys = new Map<string, number>();
}

/** The jobs of a memory store, and the outcomes that it is to keep. */
export class MemoryShelf implements Shelf {
  readonly #loop: EventLoop;
  readonly #clock: StoreClock;
  readonly #onReady: (tube: string) => void;
  readonly jobs = new Map<number, JobRecord>();
  readonly kept = new Map<number, JobOutcome>();
  readonly tubes: TubeTable<Content> = new TubeTable(() => new Content());
  #timer: Handle | null = null;

  /**
   * @param loop Wakes the delayed jobs.
   * @param options The clock that delays are told by, and whom to tell of a tube with jobs whose
   * time has come.
   */
  constructor(loop: EventLoop, options: { clock: StoreClock; onReady: (tube: string) => void }) {
    this.#loop = loop;
    this.#clock = options.clock;
    this.#onReady = options.onReady;
  }

  popReady(tube: string): JobRecord | undefined {
    return this.tubes.find(tube)?.content.ready.take();
  }

  peekReady(tube: string): JobRecord | undefined {
    return this.tubes.find(tube)?.content.ready.peek();
  }

  loading(): null {
    return null;
  }

  read(): null {
    return null;
  }

  start(): null {
    return null;
  }

  end(record: JobRecord, outcome: JobOutcome, applied: () => void): Promise<void> {
    this.discard(record);
    if (record.keepResultMs > 0) {
      this.kept.set(record.id, outcome);
      this.#loop.callLater(record.keepResultMs, () => void this.kept.delete(record.id));
    }
    applied();
    return Promise.resolve();
  }

  discard(record: JobRecord): void {
    this.jobs.delete(record.id);
    const { keys } = this.tubes.open(record.tube).content;
    if (record.key !== undefined && keys.get(record.key) === record.id) keys.delete(record.key);
  }

  move(record: JobRecord, next: JobRecord, applied: () => void): Promise<void> {
    this.discard(record);
    applied();
    this.putBack(next);
    if (next.state === "ready") this.#onReady(next.tube);
    return Promise.resolve();
  }

  /** Puts a record where its state wants it. */
  putBack(record: JobRecord): void {
    const { content } = this.tubes.open(record.tube);
    this.jobs.set(record.id, record);
    if (record.key !== undefined) content.keys.set(record.key, record.id);
    if (record.state === "buried") content.buried.set(record.id, record);
    else if (record.state === "ready") content.ready.add(record);
    else {
      content.delayed.add(record);
      this.#watchDelayed(record.readyAt);
    }
  }

  /** Takes a record from where it waits. */
  pull(record: JobRecord): void {
    const { content, gate } = this.tubes.open(record.tube);
    if (record.state === "buried") content.buried.delete(record.id);
    else if (record.state === "delayed") content.delayed.remove(record);
    else if (!gate.unpark(record)) content.ready.remove(record);
  }

  /** The job of a tube that is next in a state. */
  next(tube: string, state: "ready" | "delayed" | "buried"): JobRecord | undefined {
    const content = this.tubes.find(tube)?.content;
    if (state !== "buried") return content?.[state].peek();
    const [first] = content?.buried.values() ?? [];
    return first;
  }

  /** Makes a delayed or buried job ready. */
  makeReady(record: JobRecord): void {
    this.pull(record);
    this.tubes.leave(record, record.state);
    record.state = "ready";
    record.readyAt = 0;
    this.tubes.enter(record, "ready");
    this.putBack(record);
  }

  /** Looks at no delayed job any more. */
  close(): void {
    this.#timer?.cancel();
  }

  /** Sees to it that the delayed jobs are looked at when `readyAt` comes, or before. */
  #watchDelayed(readyAt: number): void {
    const waitMs = Math.min(MAX_SLEEP_MS, Math.max(0, Math.ceil(readyAt - this.#clock.now())));
    if (this.#timer?.active && this.#timer.at <= this.#loop.now() + waitMs) return;
    this.#timer?.cancel();
    this.#timer = this.#loop.callLater(waitMs, () => this.#wakeDelayed());
  }

  #wakeDelayed(): void {
    const now = this.#clock.now();
    let soonest = Infinity;
    for (const { name, content } of this.tubes.values()) {
      let woken = false;
      let record = content.delayed.peek();
      for (; record !== undefined && record.readyAt <= now; record = content.delayed.peek()) {
        this.makeReady(record);
        woken = true;
      }
      soonest = Math.min(soonest, record?.readyAt ?? Infinity);
      if (woken) this.#onReady(name);
    }
    if (soonest !== Infinity) this.#watchDelayed(soonest);
  }
}
