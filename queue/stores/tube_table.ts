import type { EventLoop } from "../../loop/mod.ts";
import type { StoreStats, TubeStats } from "../store_stats.ts";
import type { JobState } from "../stored_job.ts";
import { ConcurrencyGate } from "./concurrency_gate.ts";
import type { JobRecord } from "./job_record.ts";
import { Tally } from "./tally.ts";

/** Most jobs of a tube that wait in memory for their concurrency key. */
const MAX_PARKED = 10_000;

/** What every store knows of a tube, and what its own kind keeps there. */
export class Tube<Content> {
  readonly name: string;
  readonly content: Content;
  readonly tally: Tally = new Tally();
  readonly gate: ConcurrencyGate = new ConcurrencyGate(MAX_PARKED);
  /** When the pause ends on the loop's clock; 0 when there is none. */
  pausedUntil = 0;
  pauseMs = 0;
  pauses = 0;

  /**
   * @param name The name of the tube.
   * @param content What the store keeps in it.
   */
  constructor(name: string, content: Content) {
    this.name = name;
    this.content = content;
  }

  /** Whether no job may be given out. */
  isPaused(loop: EventLoop): boolean {
    return this.pausedUntil !== 0 && this.pausedUntil > loop.now();
  }
}

/** The tubes of a store. A tube is there while it holds jobs or is paused. */
export class TubeTable<Content> {
  readonly tally = new Tally();
  readonly #tubes = new Map<string, Tube<Content>>();
  readonly #makeContent: () => Content;

  /**
   * @param makeContent Makes what the store keeps in a tube.
   */
  constructor(makeContent: () => Content) {
    this.#makeContent = makeContent;
  }

  /** The tube, if there is one. */
  find(name: string): Tube<Content> | undefined {
    return this.#tubes.get(name);
  }

  /** The tube, made when there is none. */
  open(name: string): Tube<Content> {
    let tube = this.#tubes.get(name);
    if (tube === undefined) {
      tube = new Tube(name, this.#makeContent());
      this.#tubes.set(name, tube);
    }
    return tube;
  }

  /** All tubes. */
  values(): IterableIterator<Tube<Content>> {
    return this.#tubes.values();
  }

  /** The names of all tubes. */
  names(): string[] {
    return [...this.#tubes.keys()];
  }

  /** Counts a job into a state. */
  enter(record: JobRecord, state: JobState): void {
    this.tally.shift(state, record.priority, 1);
    this.open(record.tube).tally.shift(state, record.priority, 1);
  }

  /** Counts a job out of a state. */
  leave(record: JobRecord, state: JobState): void {
    this.tally.shift(state, record.priority, -1);
    this.find(record.tube)?.tally.shift(state, record.priority, -1);
  }

  /** Counts something that has happened. */
  count(tube: string, what: keyof Tally["totals"], times = 1): void {
    this.tally.totals[what] += times;
    const found = this.find(tube);
    if (found !== undefined) found.tally.totals[what] += times;
  }

  /** Forgets a tube that holds nothing and isn't paused. */
  prune(name: string, loop: EventLoop): void {
    const tube = this.#tubes.get(name);
    if (tube === undefined || tube.tally.size > 0 || tube.isPaused(loop)) return;
    this.#tubes.delete(name);
  }

  /** What a tube holds and has counted. */
  tubeStats(name: string, now: number, waiting: number): TubeStats | null {
    const tube = this.#tubes.get(name);
    if (tube === undefined) return null;
    const pauseLeftMs = Math.max(0, tube.pausedUntil - now);
    return {
      tube: name,
      ...tube.tally.counts(),
      waiting,
      pauses: tube.pauses,
      pauseMs: pauseLeftMs > 0 ? tube.pauseMs : 0,
      pauseLeftMs,
      totals: { ...tube.tally.totals },
    };
  }

  /** What the store holds and has counted. */
  stats(more: Pick<StoreStats, "waiting" | "pendingBytes" | "staleLeases">): StoreStats {
    return {
      ...this.tally.counts(),
      tubes: this.#tubes.size,
      ...more,
      totals: { ...this.tally.totals },
    };
  }
}

/** What is to be said of a tube that doesn't exist. */
export function noTubeStats(name: string): TubeStats {
  const { totals, ...tally } = new Tally();
  return { tube: name, ...tally, waiting: 0, pauses: 0, pauseMs: 0, pauseLeftMs: 0, totals };
}
