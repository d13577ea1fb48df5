import type { Handle } from "./handle.ts";

/** Children a node; four halve the depth of a binary heap at equal compares. */
const ARITY = 4;

/**
 * Timers in order of their deadline, and among equal deadlines in order of
 * arming: a four-way heap whose handles know their place, so that cancelling
 * is logarithmic and leaves nothing behind. The deadlines stand in an array of
 * their own, as looking each up in its handle costs a cache miss.
 */
export class TimerQueue {
  #heap: Handle[] = [];
  #deadlines: number[] = [];
  #armed = 0;

  /** How many timers are armed. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline, or `Infinity` when none is armed. */
  get nextAt(): number {
    return this.#heap.length === 0 ? Infinity : this.#deadlines[0];
  }

  /** A number greater than the order of all timers armed so far. */
  get mark(): number {
    return this.#armed;
  }

  /** Arms `handle` for its deadline `handle.at`. */
  add(handle: Handle): void {
    handle.order = this.#armed++;
    this.#heap.push(handle);
    this.#deadlines.push(handle.at);
    this.#rise(handle, this.#heap.length - 1);
  }

  /** Disarms `handle`; does nothing when it is not armed. */
  remove(handle: Handle): void {
    const { place } = handle;
    if (place < 0) return;
    handle.place = -1;
    const last = this.#heap.pop()!;
    const deadline = this.#deadlines.pop()!;
    if (last === handle) return;
    // Whatever takes the place may belong further down or further up.
    const removed = this.#deadlines[place];
    this.#deadlines[place] = deadline;
    const isEarlier = deadline < removed || (deadline === removed && last.order < handle.order);
    if (isEarlier) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /**
   * Takes the first timer that is due.
   *
   * @param now The time up to which timers are due.
   * @param mark Timers armed at or after this mark wait.
   */
  take(now: number, mark: number): Handle | null {
    const first = this.#heap[0];
    if (first === undefined || first.at > now || first.order >= mark) return null;
    this.remove(first);
    return first;
  }

  /** Disarms all timers. */
  clear(): void {
    for (const handle of this.#heap) handle.place = -1;
    this.#heap = [];
    this.#deadlines = [];
  }

  /** Puts `handle`, whose deadline stands at `place`, there or further up. */
  #rise(handle: Handle, place: number): void {
    const heap = this.#heap;
    const deadlines = this.#deadlines;
    const at = deadlines[place];
    while (place > 0) {
      const above = (place - 1) >> 2;
      const aboveAt = deadlines[above];
      const parent = heap[above];
      if (aboveAt < at || (aboveAt === at && parent.order < handle.order)) break;
      heap[place] = parent;
      deadlines[place] = aboveAt;
      parent.place = place;
      place = above;
    }
    heap[place] = handle;
    deadlines[place] = at;
    handle.place = place;
  }

  /** Puts `handle`, whose deadline stands at `place`, there or further down. */
  #sink(handle: Handle, place: number): void {
    const heap = this.#heap;
    const deadlines = this.#deadlines;
    const { length } = heap;
    const at = deadlines[place];
    for (let below = ARITY * place + 1; below < length; below = ARITY * place + 1) {
      let least = below;
      const end = Math.min(below + ARITY, length);
      for (let i = below + 1; i < end; i++) if (this.#precedes(i, least)) least = i;
      const leastAt = deadlines[least];
      const child = heap[least];
      if (at < leastAt || (at === leastAt && handle.order < child.order)) break;
      heap[place] = child;
      deadlines[place] = leastAt;
      child.place = place;
      place = least;
    }
    heap[place] = handle;
    deadlines[place] = at;
    handle.place = place;
  }

  #precedes(i: number, j: number): boolean {
    const difference = this.#deadlines[i] - this.#deadlines[j];
    return difference < 0 || (difference === 0 && this.#heap[i].order < this.#heap[j].order);
  }
}
