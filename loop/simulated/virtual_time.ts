import { type Callback, Handle } from "../handle.ts";
import { macrotask } from "../macrotask.ts";
import type { RandomSource } from "../random.ts";
import { TimerQueue } from "../timer_queue.ts";
import { SimulationError } from "./simulation_error.ts";

/** Turns at one instant after which the world counts as stuck there. */
const MAX_TURNS_AT_ONCE = 100_000;

/** Ticks a millisecond. Times are whole ticks, so that sums and differences of them are exact. */
const TICKS_PER_MS = 1024;

/** Something that can run at the present instant, such as a loop with I/O to respond to. */
export interface Turn {
  /** Runs until it has to wait. */
  take(): void;
}

/** Somebody who waits for the world to get somewhere. */
interface Waiter {
  /** When the wait ends at the latest; `Infinity` when nothing can happen any more. */
  readonly at: number;
  /** Ends the wait earlier. */
  readonly condition: (() => boolean) | undefined;
  /** Stops the clock at the end of the wait. */
  readonly handle: Handle | undefined;
  readonly resolve: (came: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A clock that moves only when everything that can happen at the present
 * instant has happened, and then jumps to the next event. It drives itself as
 * long as there is something to happen, one turn at a time, and lets promise
 * chains settle between turns.
 */
export class VirtualTime {
  readonly #random: RandomSource;
  readonly #maxMs: number;
  readonly #events = new TimerQueue();
  readonly #cancel = (handle: Handle): void => this.#events.remove(handle);
  readonly #waiters = new Set<Waiter>();
  #turns: Turn[] = [];
  #turnsAtOnce = 0;
  #driving = false;
  #ended = false;
  #now = 0;

  /**
   * @param random Decides who is first when several may run.
   * @param maxMs How far the clock may go.
   */
  constructor(random: RandomSource, maxMs: number) {
    this.#random = random;
    this.#maxMs = maxMs;
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Calls `callback` when the clock reaches `at`. */
  at(at: number, callback: Callback): Handle {
    const tick = Math.max(Math.ceil(at * TICKS_PER_MS) / TICKS_PER_MS, this.#now);
    const handle = new Handle(callback, { at: tick, disarm: this.#cancel });
    if (this.#ended) return handle;
    this.#events.add(handle);
    this.#start();
    return handle;
  }

  /** Calls `callback` after `delayMs`, but never at the present instant. */
  after(delayMs: number, callback: Callback): Handle {
    return this.at(this.#now + Math.max(delayMs, 1 / TICKS_PER_MS), callback);
  }

  /** Has `turn` taken before time moves. */
  enqueue(turn: Turn): void {
    if (this.#ended) return;
    this.#turns.push(turn);
    this.#start();
  }

  /**
   * Resolves at the end of the instant `at`, or of the first one at which
   * `condition` holds.
   *
   * @returns Whether the condition held.
   */
  reach(at: number, condition?: () => boolean): Promise<boolean> {
    if (at <= this.#maxMs) return this.#wait(at, condition);
    return Promise.reject(
      new RangeError(
        `Cannot wait until ${at} ms as the simulated clock ends at ${this.#maxMs} ms`,
      ),
    );
  }

  /** Resolves when nothing can happen any more. */
  async idle(): Promise<void> {
    await this.#wait(Infinity);
  }

  /** Ends the world: nothing happens any more. */
  end(): void {
    this.#ended = true;
    this.#turns = [];
    this.#events.clear();
    this.#abandon("the simulated network was closed");
  }

  #wait(at: number, condition?: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const handle = at === Infinity ? undefined : this.at(at, () => {});
      this.#waiters.add({ at, condition, handle, resolve, reject });
      if (this.#ended) this.#abandon("the simulated network was closed");
      else this.#start();
    });
  }

  #start(): void {
    if (this.#driving) return;
    this.#driving = true;
    void this.#drive();
  }

  async #drive(): Promise<void> {
    do {
      // Promise chains settle before the next turn, and before time moves.
      await macrotask();
    } while (!this.#ended && (this.#takeTurn() || this.#answerWaiters() || this.#jump()));
    this.#driving = false;
  }

  #takeTurn(): boolean {
    const waiting = this.#turns.length;
    if (waiting === 0) return false;
    if (++this.#turnsAtOnce > MAX_TURNS_AT_ONCE) return this.#stick();
    const place = waiting === 1 ? 0 : Math.floor(this.#random.next() * waiting);
    const turn = this.#turns[place];
    this.#turns[place] = this.#turns[waiting - 1];
    this.#turns.pop();
    turn.take();
    return true;
  }

  #answerWaiters(): boolean {
    if (this.#events.nextAt <= this.#now) return false;
    let answered = false;
    for (const waiter of this.#waiters) {
      const came = holds(waiter);
      if (came === false && waiter.at > this.#now) continue;
      answered = true;
      this.#waiters.delete(waiter);
      waiter.handle?.cancel();
      if (typeof came === "boolean") waiter.resolve(came);
    }
    return answered;
  }

  #jump(): boolean {
    const at = this.#events.nextAt;
    if (at === Infinity) {
      for (const waiter of this.#waiters) waiter.resolve(false);
      this.#waiters.clear();
      return false;
    }
    if (at > this.#maxMs) {
      this.#abandon(`the simulated clock ends at ${this.#maxMs} ms`);
      return false;
    }
    if (at > this.#now) this.#turnsAtOnce = 0;
    this.#now = at;
    const mark = this.#events.mark;
    for (;;) {
      const handle = this.#events.take(at, mark);
      if (handle === null) break;
      void handle.fire();
    }
    this.#takeTurn();
    return true;
  }

  #stick(): false {
    const why = `time stands still at ${this.#now} ms: a loop never waits`;
    if (this.#waiters.size === 0) reportError(new SimulationError(`Cannot go on as ${why}`));
    this.#abandon(why);
    this.end();
    return false;
  }

  #abandon(why: string): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { reject } of waiters) reject(new SimulationError(`Cannot go on as ${why}`));
  }
}

/** Whether the condition of a wait holds; neither when it threw. */
function holds(waiter: Waiter): boolean | undefined {
  try {
    return waiter.condition?.() ?? false;
  } catch (error) {
    waiter.reject(error);
    return undefined;
  }
}
