import { systemError } from "./errno.ts";
import { PollDescriptor } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { nativeWords } from "./native_memory.ts";

const NONBLOCK_CLOEXEC = 0x800 | 0x80000;
const POLLIN = 1;
/** The longest wait that the system call can be told of. */
const MAX_WAIT_MS = 2 ** 31 - 1;
/** How long a wait that fails lasts at least, so that the loop isn't kept busy. */
const FAILURE_PAUSE_MS = 1;

/** Options of {@linkcode ThreadWait}. */
export interface ThreadWaitOptions {
  /** The C library. */
  libc: Libc;
  /** The descriptor to wait for, which must stay open. */
  descriptor: number;
  /** Called whenever a wait has ended. */
  onEnd: () => void;
}

/**
 * Waits on another thread until a descriptor is readable. There is one wait at
 * most; it only tells that there is something, and takes nothing away.
 */
export class ThreadWait implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #onEnd: () => void;
  // The thread reads and writes here while it waits.
  readonly #polled = nativeWords(2 * PollDescriptor.words);
  readonly #counter = nativeWords(2);
  readonly #wakeup: number;
  #waiting: Promise<void> | null = null;
  #until = Infinity;

  /** @param options See {@linkcode ThreadWaitOptions}. */
  constructor(options: ThreadWaitOptions) {
    this.#libc = options.libc;
    this.#onEnd = options.onEnd;
    this.#wakeup = options.libc.calls.eventfd(0, NONBLOCK_CLOEXEC);
    if (this.#wakeup < 0) throw systemError(options.libc.errno[0], "wait for I/O");
    for (const [i, descriptor] of [options.descriptor, this.#wakeup].entries()) {
      this.#polled[i * PollDescriptor.words + PollDescriptor.descriptor] = descriptor;
      this.#polled[i * PollDescriptor.words + PollDescriptor.events] = POLLIN;
    }
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
      const timeout = Math.max(0, Math.min(Math.ceil(until - now), MAX_WAIT_MS));
      this.#waiting = this.#wait(until === Infinity ? -1 : timeout);
    } else if (until < this.#until) this.end();
  }

  /** Ends a wait that is under way, soon. */
  end(): void {
    if (this.#waiting !== null) this.#libc.calls.eventfd_write(this.#wakeup, 1n);
  }

  /** Ends a wait that is under way, and waits for its end. */
  async settle(): Promise<void> {
    this.end();
    await this.#waiting;
  }

  /** Ends the wait and closes the wake-up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    this.#libc.calls.close(this.#wakeup);
  }

  async #wait(timeoutMs: number): Promise<void> {
    const result = await this.#libc.calls.poll(this.#polled, 2n, timeoutMs);
    if (result < 0) await new Promise((resolve) => setTimeout(resolve, FAILURE_PAUSE_MS));
    // Only here, as a thread that is slow to start would miss it otherwise.
    this.#libc.calls.eventfd_read(this.#wakeup, this.#counter);
    this.#waiting = null;
    this.#onEnd();
  }
}
