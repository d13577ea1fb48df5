import type { Handle } from "./handle.ts";

/** Children a node; four halve the depth of a binary heap at equal compares. */
const ARITY = 4;

/**
 * Timers in order of their deadline, and among equal deadlines in order of
 * arming: a four-way heap whose handles know their place, so that cancelling
 * is logarithmic and leaves nothing behind.
 */
export class TimerQueue {
  #heap: Handle[] = [];
  #armed = 0;

  /** How many timers are armed. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline, or `Infinity` when none is armed. */
  get nextAt(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0].at;
  }

  /** A number greater than the order of all timers armed so far. */
  get mark(): number {
    return this.#armed;
  }

  /** Arms `handle` for its deadline `handle.at`. */
  add(handle: Handle): void {
    handle.order = this.#armed++;
    handle.place = this.#heap.length;
    this.#heap.push(handle);
    this.#rise(handle);
  }

  /** Disarms `handle`; does nothing when it is not armed. */
  remove(handle: Handle): void {
    const place = handle.place;
    if (place < 0) return;
    handle.place = -1;
    const last = this.#heap.pop()!;
    if (last === handle) return;
    last.place = place;
    this.#heap[place] = last;
    this.#sink(last);
    this.#rise(last);
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
  }

  #rise(handle: Handle): void {
    const heap = this.#heap;
    let place = handle.place;
    while (place > 0) {
      const above = (place - 1) >> 2;
      const parent = heap[above];
      if (!precedes(handle, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = handle;
    handle.place = place;
  }

  #sink(handle: Handle): void {
    const heap = this.#heap;
    const length = heap.length;
    let place = handle.place;
    for (let below = ARITY * place + 1; below < length; below = ARITY * place + 1) {
      let least = below;
      const end = Math.min(below + ARITY, length);
      for (let i = below + 1; i < end; i++) if (precedes(heap[i], heap[least])) least = i;
      const child = heap[least];
      if (!precedes(child, handle)) break;
      heap[place] = child;
      child.place = place;
      place = least;
    }
    heap[place] = handle;
    handle.place = place;
  }
}

function precedes(a: Handle, b: Handle): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
