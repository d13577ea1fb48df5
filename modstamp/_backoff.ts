import type { RandomSource } from "../loop/mod.ts";

/** The first wait for an answer. */
const FIRST_MS = 100;

/**
 * How long to wait for an answer: 100 ms, twice as long after each try, at most
 * `mostMs`, and from the second on up to half shorter or longer, so that many
 * clients don't try again in step.
 *
 * @param attempt How many tries there were before, from 0.
 */
export function backoffMs(
  attempt: number,
  { mostMs, random }: { mostMs: number; random: RandomSource },
): number {
  if (attempt === 0) return FIRST_MS;
  return Math.min(FIRST_MS * 2 ** attempt, mostMs) * (0.5 + random.next());
}
