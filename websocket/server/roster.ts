import type { EventLoop, Handle } from "../../loop/mod.ts";
import type { Connection } from "../connection.ts";

/** Who a server has to do with, in whatever state. */
export interface Guest {
  /** Called now and then; compares its deadlines with the time. */
  tick(now: number): void;
  /** Drops the connection at once. */
  terminate(): void;
}

/** Options of {@linkcode Roster}. */
export interface RosterOptions {
  /** The loop. */
  loop: EventLoop;
  /** How often guests look at the time, in milliseconds. */
  tickMs: number;
}

/**
 * All guests of a server, from the first byte to the last, and those whose
 * connections are open. One timer serves all of them, and only while there are some.
 */
export class Roster {
  readonly #loop: EventLoop;
  readonly #tickMs: number;
  readonly #guests = new Set<Guest>();
  readonly #open = new Set<Connection>();
  #timer: Handle | null = null;
  #onEmpty: (() => void)[] = [];

  /**
   * @param options See {@linkcode RosterOptions}.
   */
  constructor(options: RosterOptions) {
    this.#loop = options.loop;
    this.#tickMs = options.tickMs;
  }

  /** How many guests there are. */
  get size(): number {
    return this.#guests.size;
  }

  /** Those whose connections are open. */
  get open(): ReadonlySet<Connection> {
    return this.#open;
  }

  /** Welcomes a guest. */
  add(guest: Guest): void {
    this.#guests.add(guest);
    this.#timer ??= this.#loop.every(this.#tickMs, () => this.#tick());
  }

  /** Says farewell to a guest. */
  delete(guest: Guest): void {
    this.#guests.delete(guest);
    if (this.#guests.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  /** A connection is open. */
  opened(connection: Connection): void {
    this.#open.add(connection);
  }

  /** A connection is not open any more. */
  closed(connection: Connection): void {
    this.#open.delete(connection);
  }

  /** Waits until there is no guest. */
  empty(): Promise<void> {
    if (this.#guests.size === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#onEmpty.push(resolve));
  }

  /** Drops all guests at once. */
  terminate(): void {
    for (const guest of [...this.#guests]) guest.terminate();
  }

  #tick(): void {
    const now = this.#loop.now();
    for (const guest of this.#guests) guest.tick(now);
  }
}
