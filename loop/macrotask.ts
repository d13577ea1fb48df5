import { setImmediate } from "node:timers";

/**
 * Lets everything else that is ready in the process run first.
 *
 * @example Behind all promises
 * ```ts
 * import { macrotask } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const order: string[] = [];
 * const later = macrotask().then(() => order.push("macrotask"));
 * await Promise.resolve().then(() => order.push("promise"));
 * await later;
 * assertEquals(order, ["promise", "macrotask"]);
 * ```
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
