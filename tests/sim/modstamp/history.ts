import { assert } from "@std/assert";

/** Longer than a packet can be on its way in the simulated network. */
const MAX_FLIGHT_MS = 500;

/** An attempt to change an id. */
export interface Attempt {
  /** The id. */
  readonly id: string;
  /** The new value. */
  readonly value: string;
  /** When it began. */
  readonly startMs: number;
  /** When its sender gave up or was answered; packets of it may arrive a little later. */
  endMs: number;
  /** Whether its sender was told that it is stored. */
  confirmed: boolean;
}

/** All attempts to change something, and what they allow. */
export class History {
  readonly #attempts: Attempt[] = [];

  /** Begins with ids that have no value. */
  constructor(ids: readonly string[]) {
    for (const id of ids) {
      this.#attempts.push({ id, value: "", startMs: 0, endMs: 0, confirmed: true });
    }
  }

  /** How many attempts there were, and how many were confirmed. */
  get counts(): { attempted: number; confirmed: number } {
    const confirmed = this.#attempts.filter((attempt) => attempt.confirmed).length;
    return { attempted: this.#attempts.length, confirmed };
  }

  /** Notes that an attempt begins. */
  begin(id: string, value: string, startMs: number): Attempt {
    const attempt = { id, value, startMs, endMs: Infinity, confirmed: false };
    this.#attempts.push(attempt);
    return attempt;
  }

  /** Checks that somebody has at least tried to give `id` that value. */
  checkSeen(id: string, value: string): void {
    assert(this.#of(id).some((each) => each.value === value), `nobody ever set ${id}=${value}`);
  }

  /**
   * Checks that a stored value is the last confirmed one or that of an attempt
   * that may have come later: no confirmed attempt began after the end of it.
   */
  checkStored(id: string, value: string): void {
    const attempts = this.#of(id);
    const allowed = attempts.some((attempt) =>
      attempt.value === value &&
      !attempts.some((other) => other.confirmed && other.startMs > attempt.endMs + MAX_FLIGHT_MS)
    );
    assert(allowed, `${id}=${value} is stored, but another value was confirmed after it`);
  }

  #of(id: string): Attempt[] {
    return this.#attempts.filter((attempt) => attempt.id === id);
  }
}
