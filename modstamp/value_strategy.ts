import type { EventLoop } from "../loop/mod.ts";

/**
 * How to make a value for a change that names none: the number after the
 * current one, the time in milliseconds since the Unix epoch, or a random text.
 */
export type ValueStrategy = "counter" | "timestamp" | "random";

/** The names of the strategies. */
export const VALUE_STRATEGIES: readonly ValueStrategy[] = ["counter", "timestamp", "random"];

const RANDOM_BYTES = 12;

/**
 * Makes the value that follows `current`.
 *
 * @param strategy How.
 * @param current The current value, empty for none; only a counter looks at it.
 * @param loop Whose clock and random source to use.
 */
export function nextValue(strategy: ValueStrategy, current: string, loop: EventLoop): string {
  if (strategy === "timestamp") return String(Math.floor(loop.wallNow()));
  if (strategy === "counter") return String(countOf(current) + 1);
  const bytes = loop.random.bytes(RANDOM_BYTES);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The number that a counter's value stands for, 0 when it is none. */
export function countOf(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
