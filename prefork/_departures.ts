interface Departure {
  readonly pid: number;
  readonly begin: () => void;
}

/**
 * Has those who share something leave it one after the other: while one leaves, what it would get
 * goes to the others, none of whom may be about to leave as well.
 */
export class Departures {
  readonly #waiting: Departure[] = [];
  #leaving: number | null = null;
  #disbanded = false;

  /** Whether nobody stays. */
  get disbanded(): boolean {
    return this.#disbanded;
  }

  /** A process is to leave: `begin` is called when it is its turn, at once if nobody leaves. */
  enter(pid: number, begin: () => void): void {
    if (this.#disbanded) return begin();
    if (this.#leaving !== null) return void this.#waiting.push({ pid, begin });
    this.#leaving = pid;
    begin();
  }

  /** A process has left, or is gone without leaving. */
  end(pid: number): void {
    const place = this.#waiting.findIndex((departure) => departure.pid === pid);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (pid !== this.#leaving) return;
    const next = this.#waiting.shift();
    this.#leaving = next?.pid ?? null;
    next?.begin();
  }

  /** Nobody stays, so that nobody has to wait. */
  disband(): void {
    this.#disbanded = true;
    for (const { begin } of this.#waiting.splice(0)) begin();
  }
}
