/** Keeps new connections away from workers that are about to go. */
export interface Steering extends Disposable {
  /** Whether it can. */
  readonly works: boolean;
  /** New connections go to others from now on; called again for a process it does nothing. */
  away(pid: number): void;
  /** The process gets connections again. */
  back(pid: number): void;
  /**
   * The process is to leave for good: calls `begin` once new connections go to others. That is at
   * once, unless another process is leaving: no connection may go to one that leaves next.
   */
  depart(pid: number, begin: () => void): void;
  /** Whether the process listens no longer, so that the next one may leave. */
  departed(pid: number): boolean;
  /** Whether all leave, so that there is nobody to keep connections for. */
  readonly disbanded: boolean;
  /** All leave. */
  disband(): void;
  /** Processes of somebody else have begun or ended to listen. */
  refresh(): void;
  /** A process has begun or ended to listen. */
  changed(pid: number): void;
  /** Why nothing can be steered although it should be possible; `null` when it can. */
  probe(pid: number): string | null;
  /** How many connections wait for the process to accept them. */
  backlog(pid: number): number;
  /** Whether the process has connections that it has accepted; `false` where nobody can tell. */
  hasConnections(pid: number): boolean;
}

/** Where nothing can be steered. */
export class NoSteering implements Steering {
  /** It can't. */
  readonly works = false;
  /** Whether all leave. */
  disbanded = false;
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

  /** Lets it begin. */
  depart(_pid: number, begin: () => void): void {
    begin();
  }

  /** Nobody waits for it. */
  departed(_pid: number): boolean {
    return true;
  }

  /** Remembers it. */
  disband(): void {
    this.disbanded = true;
  }

  /** Does nothing. */
  refresh(): void {}

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

  /** Knows of none. */
  hasConnections(_pid: number): boolean {
    return false;
  }

  /** Does nothing. */
  [Symbol.dispose](): void {}
}
