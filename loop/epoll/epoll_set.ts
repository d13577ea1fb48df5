import { Errno, systemError } from "./errno.ts";
import { epollEventLayout } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { nativeWords } from "./native_memory.ts";

const CLOEXEC = 0x80000;
const CTL_ADD = 1;
const CTL_DEL = 2;
const CTL_MOD = 3;
/** Most events taken at a time: few enough that what serves them stays in the cache until it answers. */
const MAX_EVENTS = 64;
/** Looks in a row where the system can't wait for less than a millisecond. */
const LOOKS = 32;

/** What can be waited for; the bits of `epoll_event`. */
export const Interest = { IN: 1, OUT: 4, ERR: 8, HUP: 0x10, RDHUP: 0x2000 } as const;

/** What an {@linkcode EpollSet} tells of its events. */
export interface Watcher {
  /**
   * Moves what is ready, in the I/O phase.
   *
   * @param events What is ready, bits of {@linkcode Interest}.
   */
  onReady(events: number): void;
}

/**
 * Descriptors and who waits for them. The kernel gives back a place and its
 * generation, never a descriptor, so that an event of a closed one can't reach
 * who uses the same number next.
 */
export class EpollSet implements Disposable {
  readonly #libc: Libc;
  readonly #layout = epollEventLayout(Deno.build.arch);
  readonly #events: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #change = new Uint8Array(128);
  readonly #changeView = new DataView(this.#change.buffer);
  readonly #patience = nativeWords(4);
  readonly #watchers: (Watcher | null)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #number: number;
  #ready = 0;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#events = new Uint8Array(MAX_EVENTS * this.#layout.size);
    this.#view = new DataView(this.#events.buffer);
    this.#number = libc.calls.epoll_create1(CLOEXEC);
    if (this.#number < 0) throw systemError(libc.errno[0], "wait for I/O");
  }

  /** The descriptor's number. */
  get number(): number {
    return this.#number;
  }

  /**
   * Begins to wait for a descriptor.
   *
   * @param watcher Who is told.
   * @param wanted The descriptor's number and what to wait for, bits of {@linkcode Interest}.
   * @returns The place that {@linkcode change} and {@linkcode remove} take, or a negative error number.
   */
  add(watcher: Watcher, wanted: { descriptor: number; events: number }): number {
    const place = this.#free.pop() ?? this.#watchers.push(null) - 1;
    this.#generations[place] ??= 0;
    this.#watchers[place] = watcher;
    const errno = this.#control(CTL_ADD, place, wanted);
    if (errno === 0) return place;
    this.#watchers[place] = null;
    this.#free.push(place);
    return -errno;
  }

  /** Changes what is waited for. */
  change(place: number, wanted: { descriptor: number; events: number }): void {
    this.#control(CTL_MOD, place, wanted);
  }

  /** Waits for a descriptor no longer; called before it is closed. */
  remove(place: number, descriptor: number): void {
    this.#control(CTL_DEL, place, { descriptor, events: 0 });
    this.#watchers[place] = null;
    this.#generations[place] = (this.#generations[place] + 1) | 0;
    this.#free.push(place);
  }

  /** Looks, without waiting, what is ready; answers how much that is. */
  look(): number {
    const ready = this.#libc.calls.epoll_wait(this.#number, this.#events, MAX_EVENTS, 0);
    this.#ready = ready < 0 ? 0 : ready;
    return this.#ready;
  }

  /**
   * Looks until something is ready.
   *
   * @param times How often at most.
   * @returns How much is ready.
   */
  lookOften(times: number): number {
    for (let i = 0; i < times; i++) if (this.look() > 0) break;
    return this.#ready;
  }

  /**
   * Looks what is ready, and waits for it a little, which keeps everything else in this thread
   * waiting, too.
   *
   * @param waitMs How long to wait, in milliseconds; a fraction.
   * @returns How much is ready.
   */
  linger(waitMs: number): number {
    const { calls } = this.#libc;
    if (calls.epoll_pwait2 === null) return this.lookOften(LOOKS);
    this.#patience[0] = waitMs / 1e3;
    this.#patience[2] = (waitMs % 1e3) * 1e6;
    const ready = calls.epoll_pwait2(
      this.#number,
      this.#events,
      MAX_EVENTS,
      this.#patience,
      null,
    );
    if (ready < 0 && this.#libc.errno[0] === Errno.ENOSYS) return this.lookOften(LOOKS);
    this.#ready = ready < 0 ? 0 : ready;
    return this.#ready;
  }

  /** Tells the watchers what the last {@linkcode look} has found. */
  dispatch(): void {
    const ready = this.#ready;
    this.#ready = 0;
    const { size, data } = this.#layout;
    for (let at = 0; at < ready * size; at += size) {
      const place = this.#view.getInt32(at + data, true);
      const generation = this.#view.getInt32(at + data + 4, true);
      if (this.#generations[place] !== generation) continue;
      this.#watchers[place]?.onReady(this.#view.getUint32(at, true));
    }
  }

  /** Closes the set, not what it waits for. */
  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    this.#libc.calls.close(this.#number);
    this.#number = -1;
    this.#ready = 0;
  }

  #control(
    operation: number,
    place: number,
    wanted: { descriptor: number; events: number },
  ): number {
    this.#changeView.setUint32(0, wanted.events, true);
    this.#changeView.setInt32(this.#layout.data, place, true);
    this.#changeView.setInt32(this.#layout.data + 4, this.#generations[place], true);
    const { calls, errno } = this.#libc;
    const result = calls.epoll_ctl(this.#number, operation, wanted.descriptor, this.#change);
    return result < 0 ? errno[0] : 0;
  }
}
