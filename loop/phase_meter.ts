import type { Clock } from "./clock.ts";

/** One iteration in so many has its phases timed, as reading the clock costs. */
const SAMPLE_EVERY = 16;

/** The phases of an iteration, in their order. */
export type Phase = "callbacks" | "timers" | "poll" | "respond";

/** What a loop has done. */
export interface LoopStats {
  /** Iterations so far. */
  iterations: number;
  /** Callbacks called in the callback phase. */
  callbacks: number;
  /** Timers fired. */
  timers: number;
  /** Callbacks and timers that threw. */
  errors: number;
  /** How late timers fired, in milliseconds: the mean and the worst. */
  lagMs: { mean: number; max: number };
  /** Milliseconds spent in each phase, estimated from every 16th iteration. */
  phaseMs: Record<Phase, number>;
}

/** Counts what a loop does and times its phases. */
export class PhaseMeter {
  /** Callbacks called. */
  callbacks = 0;
  /** Callbacks and timers that threw. */
  errors = 0;
  readonly #clock: Clock;
  readonly #spentMs: Record<Phase, number> = { callbacks: 0, timers: 0, poll: 0, respond: 0 };
  #iterations = 0;
  #timers = 0;
  #lagMs = 0;
  #maxLagMs = 0;
  #phase: Phase = "callbacks";
  #since = 0;
  #sampling = false;

  /**
   * Makes a phase meter.
   *
   * @param clock The loop's clock.
   */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An iteration begins with its callback phase. */
  begin(): void {
    this.#sampling = this.#iterations++ % SAMPLE_EVERY === 0;
    if (!this.#sampling) return;
    this.#phase = "callbacks";
    this.#since = this.#clock.monotonicMs();
  }

  /** The next phase begins, at a time nobody needs to know. */
  mark(phase: Phase): void {
    if (this.#sampling) this.#switch(phase, this.#clock.monotonicMs());
  }

  /**
   * The next phase begins.
   *
   * @returns The time.
   */
  enter(phase: Phase): number {
    const now = this.#clock.monotonicMs();
    if (this.#sampling) this.#switch(phase, now);
    return now;
  }

  /** The iteration ends. */
  end(): void {
    this.mark("callbacks");
  }

  /** A timer fires `lateMs` after its deadline. */
  lag(lateMs: number): void {
    this.#timers++;
    this.#lagMs += lateMs;
    if (lateMs > this.#maxLagMs) this.#maxLagMs = lateMs;
  }

  /** What was counted. */
  stats(): LoopStats {
    const phaseMs = { ...this.#spentMs };
    for (const phase of Object.keys(phaseMs) as Phase[]) phaseMs[phase] *= SAMPLE_EVERY;
    return {
      iterations: this.#iterations,
      callbacks: this.callbacks,
      timers: this.#timers,
      errors: this.errors,
      lagMs: {
        mean: this.#timers === 0 ? 0 : this.#lagMs / this.#timers,
        max: this.#maxLagMs,
      },
      phaseMs,
    };
  }

  #switch(phase: Phase, now: number): void {
    this.#spentMs[this.#phase] += now - this.#since;
    this.#phase = phase;
    this.#since = now;
  }
}
