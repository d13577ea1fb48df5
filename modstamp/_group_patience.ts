/** Most turns of the loop that a group waits, together about a tenth of a millisecond. */
const MAX_TURNS = 100;
/** Most groups in a row that don't wait after waiting was in vain. */
const MAX_SKIPPED = 64;
/** Part of those expected that makes waiting worth it. */
const ENOUGH = 0.75;

/**
 * Whether a group of changes waits a moment for more before it is committed.
 * Those who were just answered often go on at once, and a commit for all takes
 * hardly longer than one for a part; without waiting, two parts take turns for
 * ever. Waiting in vain is tried ever less often.
 *
 * On a file, with 64 changes of ten ids in flight, it made 1.37 times as many
 * durable a second (medians of 9 runs in turn, with and without); where all ids
 * differ or 1000 are in flight, 1.02 and 1.04 times, which is within the noise.
 */
export class GroupPatience {
  #expected = 0;
  #turnsLeft = 0;
  #skipped = 0;
  #toSkip = 0;

  /**
   * A group was answered.
   *
   * @param count How many replies that was.
   * @param gathered How many wait in the next group already.
   */
  answered(count: number, gathered: number): void {
    this.#expected = count + gathered;
    this.#turnsLeft = this.#skipped++ < this.#toSkip ? 0 : MAX_TURNS;
  }

  /** Whether a group that has gathered so many is to wait for another turn of the loop. */
  waits(gathered: number): boolean {
    if (this.#turnsLeft === 0) return false;
    if (gathered < this.#expected && --this.#turnsLeft > 0) return true;
    const worthIt = gathered >= this.#expected * ENOUGH;
    this.#turnsLeft = 0;
    this.#skipped = 0;
    this.#toSkip = worthIt ? 0 : Math.min(MAX_SKIPPED, this.#toSkip * 2 + 1);
    return false;
  }
}
