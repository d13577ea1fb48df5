/** Most examples of what went wrong. */
const MAX_EVIDENCE = 5;

/**
 * What is known of values that each have one writer, which counts up: what anybody reads is at
 * least what was confirmed before, and nothing that was never sent.
 */
export class ValueLedger {
  readonly complaints: string[] = [];
  confirmed = 0;
  checked = 0;
  readonly #values = new Map<string, { confirmed: number; attempted: number }>();

  /** The next value of an id. */
  next(id: string): number {
    const value = this.#of(id);
    return ++value.attempted;
  }

  /** A value was confirmed. */
  confirm(id: string, number: number): void {
    const value = this.#of(id);
    value.confirmed = Math.max(value.confirmed, number);
    this.confirmed++;
  }

  /** The latest value that is known to be stored. */
  confirmedOf(id: string): number {
    return this.#of(id).confirmed;
  }

  /** Checks what was read after `least` had been confirmed. */
  check(id: string, read: { number: number; least: number; where: string }): void {
    const { number, least, where } = read;
    this.checked++;
    if (number >= least && number <= this.#of(id).attempted) return;
    const text = `${where}: ${id} is ${number}, while ${least} was confirmed, ` +
      `and ${this.#of(id).attempted} the last one that was sent`;
    if (this.complaints.length < MAX_EVIDENCE) this.complaints.push(text);
    else this.complaints[MAX_EVIDENCE] = "and others";
  }

  #of(id: string): { confirmed: number; attempted: number } {
    const known = this.#values.get(id) ?? { confirmed: 0, attempted: 0 };
    this.#values.set(id, known);
    return known;
  }
}
