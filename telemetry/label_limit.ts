/** What all further values of a label become. */
const OTHER = "other";

/**
 * Keeps a label from having ever more values, when those come from the network: the first ones are
 * told apart, all others are one.
 *
 * @example Two queues, and the rest
 * ```ts
 * import { LabelLimit } from "@sluice/sluice/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const queues = new LabelLimit(2);
 * const labels = ["mail", "images", "a1", "mail", "a2"].map((name) => queues.label(name));
 * assertEquals(labels, ["mail", "images", "other", "mail", "other"]);
 * ```
 */
export class LabelLimit {
  readonly #most: number;
  readonly #known = new Set<string>();

  /**
   * Makes a limit.
   *
   * @param most Most values that are told apart.
   */
  constructor(most = 100) {
    this.#most = most;
  }

  /** What stands for a value. */
  label(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#most) return OTHER;
    this.#known.add(value);
    return value;
  }
}
