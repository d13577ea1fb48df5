import type { Clock } from "../../loop/mod.ts";

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  /** Milliseconds since the clock began. */
  nowMs = 0;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return Date.UTC(2025, 0, 1) + this.nowMs;
  }
}
