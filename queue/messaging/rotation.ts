/** Things that take turns. */
export class Rotation<T> {
  readonly #members = new Set<T>();

  /** Adds one behind the others, or leaves it where it is. */
  add(member: T): void {
    this.#members.add(member);
  }

  /** Takes one out. */
  delete(member: T): void {
    this.#members.delete(member);
  }

  /** The one whose turn it is, taken out. */
  take(): T | undefined {
    for (const member of this.#members) {
      this.#members.delete(member);
      return member;
    }
    return undefined;
  }
}
