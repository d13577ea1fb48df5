/** Ids whose versions are remembered; far more than change in the time messages take. */
const MAX_IDS = 65_536;

/**
 * Which version each id got last, for values that arrive on two ways: what a
 * server commits itself and what others have committed.
 */
export class RecentVersions {
  readonly #versions = new Map<string, number>();

  /** Whether a version of an id is newer than the last one that was accepted. */
  accept(id: string, version: number): boolean {
    const last = this.#versions.get(id);
    if (last !== undefined && version <= last) return false;
    this.#versions.delete(id);
    this.#versions.set(id, version);
    if (this.#versions.size > MAX_IDS) {
      this.#versions.delete(this.#versions.keys().next().value!);
    }
    return true;
  }
}
