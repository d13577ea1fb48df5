import type { EventLoop, Handle } from "../../../loop/mod.ts";
import type { ReserveOptions } from "../../job_store.ts";
import type { ReservedJob } from "../../stored_job.ts";

/** A call of `reserve` that waits. */
interface Waiter {
  readonly options: ReserveOptions;
  readonly resolve: (jobs: ReservedJob[]) => void;
  readonly reject: (reason: unknown) => void;
  /** Whether Redis is being asked for it. */
  isAsking: boolean;
  /** Whether there may be something new since it was asked. */
  isStale: boolean;
  isOver: boolean;
}

/** What a waiting room asks of the store. */
export interface WaitingRoomOptions {
  loop: EventLoop;
  /** Takes what is ready. */
  take: (options: ReserveOptions) => Promise<ReservedJob[]>;
  /** Gives back what nobody waits for any longer. */
  undo: (jobs: readonly ReservedJob[]) => void;
  /** Whether a call goes on waiting though it could not be asked for. */
  survives: (error: unknown) => boolean;
}

/** How soon it is asked again after that has failed. */
const RETRY_MS = 1000;

/** The calls of `reserve` that wait for jobs of Redis: each asks again when there may be some. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #waiters = new Set<Waiter>();

  /**
   * @param options See {@linkcode WaitingRoomOptions}.
   */
  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /** How many calls wait for a job of a tube. */
  sizeOf(tube: string): number {
    let count = 0;
    for (const { options } of this.#waiters) if (options.tubes.includes(tube)) count++;
    return count;
  }

  /** Reserves what there is, or waits for it. */
  wait(options: ReserveOptions): Promise<ReservedJob[]> {
    const { signal, timeoutMs = Infinity } = options;
    return new Promise((resolve, reject) => {
      let timer: Handle | undefined;
      const leave = (): void => {
        waiter.isOver = true;
        this.#waiters.delete(waiter);
        timer?.cancel();
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        options,
        isAsking: false,
        isStale: false,
        isOver: false,
        resolve(jobs) {
          leave();
          resolve(jobs);
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      const abort = (): void => waiter.reject(signal!.reason);
      signal?.addEventListener("abort", abort, { once: true });
      if (timeoutMs !== Infinity) {
        timer = this.#options.loop.callLater(timeoutMs, () => waiter.resolve([]));
      }
      this.#waiters.add(waiter);
      void this.#ask(waiter);
    });
  }

  /** Has those ask again who wait for one of the tubes; all of them when none is named. */
  wake(tubes?: readonly string[]): void {
    for (const waiter of this.#waiters) {
      if (tubes !== undefined && !tubes.some((tube) => waiter.options.tubes.includes(tube))) {
        continue;
      }
      waiter.isStale = true;
      if (!waiter.isAsking) void this.#ask(waiter);
    }
  }

  /** Rejects all calls that wait. */
  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }

  async #ask(waiter: Waiter): Promise<void> {
    waiter.isAsking = true;
    try {
      do {
        waiter.isStale = false;
        const jobs = await this.#options.take(waiter.options);
        if (waiter.isOver) return this.#options.undo(jobs);
        if (jobs.length > 0) return waiter.resolve(jobs);
      } while (waiter.isStale);
    } catch (error) {
      if (!this.#options.survives(error)) return waiter.reject(error);
      this.#options.loop.callLater(RETRY_MS, () => {
        if (!waiter.isOver && !waiter.isAsking) void this.#ask(waiter);
      });
    } finally {
      waiter.isAsking = false;
    }
  }
}
