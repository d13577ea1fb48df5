/** What is known of a job from outside. */
interface Known {
  isAcknowledged: boolean;
  /** Whether its end was acknowledged. */
  isEnded: boolean;
  /** Whether its end was asked for, and not answered. */
  mayHaveEnded: boolean;
  runs: number;
  /** Which life of the server has given it out last. */
  life: number;
}

/** Watches a server that is killed again and again, and tells when it breaks its word. */
export class KillJudge {
  readonly #jobs = new Map<number, Known>();
  readonly faults: string[] = [];
  repeated = 0;
  #open = 0;

  /** Jobs that were acknowledged. */
  acknowledged = 0;

  /** How many jobs were sent. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Acknowledged jobs whose end is not. */
  get open(): number {
    return this.#open;
  }

  /** A job is sent; gives its number. */
  sending(): number {
    const number = this.#jobs.size + 1;
    const known = { isAcknowledged: false, isEnded: false, mayHaveEnded: false, runs: 0, life: 0 };
    this.#jobs.set(number, known);
    return number;
  }

  /** The job was acknowledged. */
  stored(number: number): void {
    const known = this.#jobs.get(number)!;
    known.isAcknowledged = true;
    this.acknowledged++;
    if (!known.isEnded && !known.mayHaveEnded) this.#open++;
  }

  /** The job was given out, in a life of the server. */
  ran(number: number, life: number): void {
    const known = this.#jobs.get(number);
    if (known === undefined) return void this.faults.push(`${number} was never sent`);
    if (known.isEnded) this.faults.push(`${number} has ended, and was given out again`);
    if (known.runs > 0 && known.life >= life) {
      this.faults.push(`${number} was given out twice without a crash`);
    }
    if (known.runs > 0) this.repeated++;
    known.runs++;
    known.life = life;
  }

  /** The end of the job is asked for. */
  ending(number: number): void {
    const known = this.#jobs.get(number)!;
    if (known.isAcknowledged && !known.mayHaveEnded) this.#open--;
    known.mayHaveEnded = true;
  }

  /** The end of the job was acknowledged. */
  ended(number: number): void {
    this.#jobs.get(number)!.isEnded = true;
  }

  /** The queue is empty: what is lost. */
  lost(): number[] {
    return [...this.#jobs].filter(([, known]) => known.isAcknowledged && known.runs === 0)
      .map(([number]) => number);
  }
}
