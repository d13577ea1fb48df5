import type { EventLoop, Handle } from "../../../loop/mod.ts";
import type { StoreClock } from "../store_clock.ts";
import type { Tube } from "../tube_table.ts";
import type { Rewriter } from "./rewriter.ts";
import type { Segment } from "./segment.ts";
import type { KvTube, SegmentIndex } from "./segment_index.ts";

/** The longest that the watch sleeps, so that a change of the wall clock is noticed. */
const MAX_SLEEP_MS = 60_000;
/** Jobs of a tube that have become due one by one; with more, whole segments become due. */
const MAX_LOOSE = 10_000;
/** A segment whose jobs become due within this time isn't split. */
const SHORT_SPAN_MS = 2000;

/** Makes delayed jobs ready when their time comes. */
export class DelayWatch {
  readonly #loop: EventLoop;
  readonly #clock: StoreClock;
  readonly #index: SegmentIndex;
  readonly #rewriter: Rewriter;
  readonly #onReady: (tube: string) => void;
  #timer: Handle | null = null;
  #closed = false;

  /**
   * @param index Where the jobs are.
   * @param options The loop and the clock, who splits segments, and whom to tell of jobs that are due.
   */
  constructor(
    index: SegmentIndex,
    options: {
      loop: EventLoop;
      clock: StoreClock;
      rewriter: Rewriter;
      onReady: (tube: string) => void;
    },
  ) {
    this.#index = index;
    this.#loop = options.loop;
    this.#clock = options.clock;
    this.#rewriter = options.rewriter;
    this.#onReady = options.onReady;
  }

  /** Sees to it that delayed jobs are looked at when `readyAt` comes, or before. */
  watch(readyAt: number): void {
    if (this.#closed) return;
    const waitMs = Math.min(MAX_SLEEP_MS, Math.max(0, Math.ceil(readyAt - this.#clock.now())));
    if (this.#timer?.active && this.#timer.at <= this.#loop.now() + waitMs) return;
    this.#timer?.cancel();
    this.#timer = this.#loop.callLater(waitMs, () => this.#look());
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** Makes the jobs of a tube ready that are due. */
  wake(name: string): void {
    const tube = this.#index.tubes.find(name);
    if (tube === undefined || this.#closed) return;
    const now = this.#clock.now();
    let woken = false;
    for (;;) {
      const segment = tube.content.delayed.segments.peek();
      if (segment === undefined) break;
      if (segment.headAt > now || segment.busy !== null) {
        if (segment.busy === null) this.watch(segment.headAt);
        break;
      }
      const step = this.#step(tube, segment, now);
      if (step === "wait") break;
      woken ||= step === "woken";
    }
    if (woken) this.#onReady(name);
  }

  #look(): void {
    for (const name of this.#index.tubes.names()) this.wake(name);
  }

  #step(tube: Tube<KvTube>, segment: Segment, now: number): "woken" | "later" | "wait" {
    if (segment.lastAt <= now && segment.out === 0) {
      this.#wakeAll(tube, segment);
      return "woken";
    }
    const { delayed, loose } = tube.content;
    if (segment.out === 0 && (this.#index.crowded || loose.size >= MAX_LOOSE)) {
      if (segment.lastAt - segment.headAt > SHORT_SPAN_MS) {
        void this.#rewriter.split(segment).then((done) => {
          if (done) this.wake(tube.name);
          else this.#retry(now);
        });
        return "wait";
      }
      segment.headAt = segment.lastAt;
      delayed.segments.update(segment);
      return "later";
    }
    if (segment.jobs === null) {
      void this.#index.load(segment).then(() => this.wake(tube.name), () => this.#retry(now));
      return "wait";
    }
    const record = segment.next;
    if (record === undefined) {
      this.#index.remove(segment);
      return "later";
    }
    if (record.readyAt > now) {
      segment.headAt = record.readyAt;
      delayed.segments.update(segment);
      return "later";
    }
    this.#index.take(segment, record);
    this.#index.tubes.leave(record, "delayed");
    record.state = "ready";
    this.#index.tubes.enter(record, "ready");
    loose.add(record);
    return "woken";
  }

  #retry(now: number): void {
    this.watch(now + 1000);
  }

  /** Makes all jobs of a segment ready, be they in memory or not. */
  #wakeAll(tube: Tube<KvTube>, segment: Segment): void {
    const { delayed, ready } = tube.content;
    delayed.segments.remove(segment);
    segment.state = "ready";
    segment.listed = false;
    if (segment.jobs !== null) {
      const jobs = segment.jobs.filter((record) => segment.owns(record.index));
      for (const record of jobs) record.state = "ready";
      segment.fill(jobs);
    }
    ready.add(segment);
    for (const tally of [this.#index.tubes.tally, tube.tally]) {
      tally.delayed -= segment.live;
      tally.ready += segment.live;
      tally.urgent += segment.urgent;
    }
  }
}
