import type { ToldJob } from "./job_meta.ts";

/** What is asked of Redis. */
export interface Operation {
  /** Its name and arguments. */
  readonly op: readonly unknown[];
  /**
   * What is told of this one. Those that follow one another with the very same `op` become one,
   * whose last argument is the list of all that is told of each.
   */
  readonly each?: readonly (string | number)[];
  /** What goes with it: `prefix` before `bytes`. */
  readonly prefix?: Uint8Array;
  readonly bytes?: Uint8Array;
  /** How many jobs it may bring back, if that is many. */
  readonly weight?: number;
}

/** What a script says of an operation; of some as one: for each, or the first number and how many. */
export type Result = number | boolean | readonly boolean[] | readonly [number, number];

/** What became of an operation. */
export interface Answer {
  readonly result: number | boolean;
  /** The jobs that it tells of. */
  readonly jobs: readonly ToldJob[];
  /** The lease of those that it has reserved. */
  readonly lease: number;
  /** When it was sent, on the loop's clock. */
  readonly sentAt: number;
}

/** Writes operations as the scripts read them. */
export function encodeOperations(operations: readonly Operation[]): string {
  const list: unknown[] = [];
  let last: readonly unknown[] | null = null;
  let all: (string | number)[] = [];
  for (const { op, each } of operations) {
    if (each === undefined) list.push(op);
    else if (op !== last) list.push([...op, all = [...each]]);
    else all.push(...each);
    last = each === undefined ? null : op;
  }
  return JSON.stringify(list);
}

/** Gives each operation its result. */
export function* resultsOf(
  operations: readonly Operation[],
  results: readonly Result[],
): Generator<number | boolean> {
  let at = -1;
  let turn = 0;
  let last: readonly unknown[] | null = null;
  for (const { op, each } of operations) {
    if (each !== undefined && op === last) turn++;
    else [at, turn] = [at + 1, 0];
    last = each === undefined ? null : op;
    const result = results[at];
    if (typeof result !== "object") yield result;
    else if (isEach(result)) yield result[turn];
    else yield turn < result[1] ? result[0] + turn : 0;
  }
}

function isEach(
  result: readonly boolean[] | readonly [number, number],
): result is readonly boolean[] {
  return typeof result[0] === "boolean";
}
