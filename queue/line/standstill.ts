/** Looks in a row, after the first, at which something stands still. */
const LOOKS = 2;

/**
 * Finds out whether something stands still. It takes several looks, so that a server that was held
 * up itself reads what has come meanwhile before it blames anybody.
 */
export class Standstill {
  #mark: number | null = null;
  #looks = 0;

  /**
   * Looks at it.
   *
   * @param mark What changes when it moves; `null` while it may stand still.
   * @returns Whether it has stood still for long enough.
   */
  look(mark: number | null): boolean {
    if (mark === null || mark !== this.#mark) this.#looks = 0;
    else this.#looks++;
    this.#mark = mark;
    return this.#looks >= LOOKS;
  }
}
