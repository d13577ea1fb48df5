/** Keeps new connections away from workers that are about to go. */
export interface Steering extends Disposable {
  /** Whether it can. */
  readonly works: boolean;
  /** New connections go to others from now on; called again for a process it does nothing. */
  away(pid: number): void;
  /** The process gets connections again. */
  back(pid: number): void;
  /** A process has begun or ended to listen. */
  changed(pid: number): void;
  /** Why nothing can be steered although it should be possible; `null` when it can. */
  probe(pid: number): string | null;
  /** How many connections wait for the process to accept them. */
  backlog(pid: number): number;
}

/** Where nothing can be steered. */
export class NoSteering implements Steering {
  /** It can't. */
  readonly works = false;
  readonly #fault: string | null;

  /**
   * Makes a no steering.
   *
   * @param fault Why it can't, when it should.
   */
  constructor(fault: string | null = null) {
    this.#fault = fault;
  }

  /** Does nothing. */
  away(_pid: number): void {}

  /** Does nothing. */
  back(_pid: number): void {}

  /** Does nothing. */
  changed(_pid: number): void {}

  /** Says that it can't. */
  probe(_pid: number): string | null {
    return this.#fault;
  }

  /** Knows of none. */
  backlog(_pid: number): number {
    return 0;
  }

  /** Does nothing. */
  [Symbol.dispose](): void {}
}
