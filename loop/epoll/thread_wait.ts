import { systemError } from "./errno.ts";
import { type EpollSet, Interest, type Watcher } from "./epoll_set.ts";
import type { Libc } from "./libc.ts";
import { nativeWords } from "./native_memory.ts";

const NONBLOCK_CLOEXEC = 0x800 | 0x80000;
/** The longest wait that the system call can be told of. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Options of {@linkcode ThreadWait}. */
export interface ThreadWaitOptions {
  /** The C library. */
  libc: Libc;
  /** What to wait for. */
  set: EpollSet;
  /** Called whenever a wait has ended. */
  onEnd: () => void;
}

/**
 * Waits for an {@linkcode EpollSet} on another thread. There is one wait at
 * most; it only tells that something is ready, and takes no event away.
 */
export class ThreadWait implements Watcher, AsyncDisposable {
  readonly #libc: Libc;
  readonly #set: EpollSet;
  readonly #onEnd: () => void;
  // The thread writes here while it waits, and nobody reads it.
  readonly #event = nativeWords(8);
  readonly #counter = nativeWords(2);
  readonly #wakeup: number;
  readonly #place: number;
  #waiting: Promise<void> | null = null;
  #until = Infinity;

  /** @param options See {@linkcode ThreadWaitOptions}. */
  constructor(options: ThreadWaitOptions) {
    this.#libc = options.libc;
    this.#set = options.set;
    this.#onEnd = options.onEnd;
    this.#wakeup = options.libc.calls.eventfd(0, NONBLOCK_CLOEXEC);
    if (this.#wakeup < 0) throw systemError(options.libc.errno[0], "wait for I/O");
    this.#place = options.set.add(this, { descriptor: this.#wakeup, events: Interest.IN });
  }

  /** Until when it waits, on the clock of its caller; `Infinity` when there is no wait. */
  get until(): number {
    return this.#until;
  }

  /**
   * Starts to wait, unless it does so already. A wait that would end too late
   * is ended at once instead: its caller then comes back.
   *
   * @param now The time.
   * @param until When to stop waiting.
   */
  start(now: number, until: number): void {
    if (this.#waiting === null) {
      this.#until = until;
      const timeout = Math.min(Math.ceil(until - now), MAX_WAIT_MS);
      this.#waiting = this.#wait(until === Infinity ? -1 : timeout);
    } else if (until < this.#until) this.end();
  }

  /** Ends a wait that is under way, soon. */
  end(): void {
    if (this.#waiting !== null) this.#libc.calls.eventfd_write(this.#wakeup, 1n);
  }

  /** Resets the wake-up. */
  onReady(): void {
    this.#libc.calls.eventfd_read(this.#wakeup, this.#counter);
  }

  /** Ends a wait that is under way, and waits for its end. */
  async settle(): Promise<void> {
    this.end();
    await this.#waiting;
  }

  /** Ends the wait and closes the wake-up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    this.#set.remove(this.#place, this.#wakeup);
    this.#libc.calls.close(this.#wakeup);
  }

  async #wait(timeoutMs: number): Promise<void> {
    await this.#libc.calls.epoll_wait_on_thread(this.#set.number, this.#event, 1, timeoutMs);
    this.onReady();
    this.#waiting = null;
    this.#until = Infinity;
    this.#onEnd();
  }
}
