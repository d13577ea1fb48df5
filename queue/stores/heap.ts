/** What a {@linkcode Heap} holds: its members know their place, so that each can be taken out. */
export interface HeapItem {
  /** Where the heap keeps the item; -1 while it is in none. Kept by the heap. */
  place: number;
}

/** A binary heap, least item first. An item is in one heap at a time at most. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /**
   * @param before Whether `a` comes before `b`.
   */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** How many items there are. */
  get size(): number {
    return this.#items.length;
  }

  /** The least item. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** The items nearest to the top: the least one first, the others in no strict order. */
  near(count: number): readonly T[] {
    return this.#items.slice(0, count);
  }

  /** All items, in no order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  /** Puts an item in. */
  add(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes the least item out. */
  take(): T | undefined {
    const top = this.#items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Takes an item out; does nothing when it is in no heap. */
  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    last.place = place;
    this.#items[place] = last;
    this.update(last);
  }

  /** Moves an item whose order has changed to where it belongs. */
  update(item: T): void {
    const { place } = item;
    this.#rise(item, place);
    if (item.place === place) this.#sink(item, place);
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#items[parent];
      if (!this.#before(item, above)) break;
      above.place = place;
      this.#items[place] = above;
      place = parent;
    }
    item.place = place;
    this.#items[place] = item;
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1], items[child])) child++;
      if (!this.#before(items[child], item)) break;
      items[child].place = place;
      items[place] = items[child];
      place = child;
    }
    item.place = place;
    items[place] = item;
  }
}
