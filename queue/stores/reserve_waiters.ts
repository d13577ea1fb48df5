import type { EventLoop, Handle } from "../../loop/mod.ts";
import type { ReserveOptions } from "../job_store.ts";
import type { Reservation } from "./reservation.ts";

/** A call of `reserve` that waits for its first job. */
interface Waiter {
  readonly options: ReserveOptions;
  resolve(taken: Reservation[]): void;
  reject(reason: unknown): void;
}

/** Takes up to `max` ready jobs from the tubes. */
export type Take = (tubes: readonly string[], max: number) => Reservation[];

/** The calls of `reserve` that wait, first come, first served. */
export class ReserveWaiters {
  readonly #loop: EventLoop;
  readonly #take: Take;
  readonly #byTube = new Map<string, Set<Waiter>>();
  #size = 0;

  /**
   * @param loop Whose clock the waiting is on.
   * @param take Takes what is ready.
   */
  constructor(loop: EventLoop, take: Take) {
    this.#loop = loop;
    this.#take = take;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#size;
  }

  /** How many calls wait for a job of a tube. */
  sizeOf(tube: string): number {
    return this.#byTube.get(tube)?.size ?? 0;
  }

  /** Waits for jobs; none when the time is up. */
  wait(options: ReserveOptions): Promise<Reservation[]> {
    const { signal, timeoutMs = Infinity } = options;
    return new Promise((resolve, reject) => {
      let timer: Handle | undefined;
      const leave = (): void => {
        this.#remove(waiter);
        timer?.cancel();
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        options,
        resolve(taken) {
          leave();
          resolve(taken);
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      const abort = (): void => waiter.reject(signal!.reason);
      signal?.addEventListener("abort", abort, { once: true });
      if (timeoutMs !== Infinity) {
        timer = this.#loop.callLater(timeoutMs, () => waiter.resolve([]));
      }
      this.#add(waiter);
    });
  }

  /** Gives what is ready in a tube to those who wait for it. */
  serve(tube: string): void {
    const waiters = this.#byTube.get(tube);
    if (waiters === undefined) return;
    for (const waiter of waiters) {
      const taken = this.#take(waiter.options.tubes, waiter.options.max ?? 1);
      if (taken.length === 0) return;
      waiter.resolve(taken);
    }
  }

  /** Rejects all calls that wait. */
  rejectAll(reason: unknown): void {
    for (const waiters of this.#byTube.values()) {
      for (const waiter of waiters) waiter.reject(reason);
    }
  }

  #add(waiter: Waiter): void {
    this.#size++;
    for (const tube of waiter.options.tubes) {
      const waiters = this.#byTube.get(tube);
      if (waiters === undefined) this.#byTube.set(tube, new Set([waiter]));
      else waiters.add(waiter);
    }
  }

  #remove(waiter: Waiter): void {
    this.#size--;
    for (const tube of waiter.options.tubes) {
      const waiters = this.#byTube.get(tube);
      if (waiters === undefined) continue;
      waiters.delete(waiter);
      if (waiters.size === 0) this.#byTube.delete(tube);
    }
  }
}
