import { ID_BYTES, latin1 } from "./id.ts";

/** Options of {@linkcode IdTable}. */
export interface IdTableOptions {
  /** Most ids held at a time. */
  maxIds: number;
  /** Makes the places of ids in the table unpredictable to those who choose them. */
  seed: number;
}

/**
 * Gives each modstamp id a small number, found straight from the bytes of a
 * packet. Numbers of removed ids are used again.
 */
export class IdTable {
  readonly #maxIds: number;
  readonly #seed: number;
  readonly #free: number[] = [];
  readonly #names: string[] = [];
  #hashes = new Int32Array(256);
  #slots = new Int32Array(512);
  #count = 0;

  constructor(options: IdTableOptions) {
    this.#maxIds = options.maxIds;
    this.#seed = options.seed | 0;
  }

  /** How many ids are held. */
  get count(): number {
    return this.#count;
  }

  /** The hash of an id, or -1 when the bytes are no valid id. */
  hash(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    let h = this.#seed;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (ID_BYTES[byte] === 0) return -1;
      h = Math.imul(h ^ byte, 0x01000193);
      h ^= h >>> 15;
    }
    h = Math.imul(h, 0x85ebca77);
    return (h ^ (h >>> 13)) & 0x7fffffff;
  }

  /** The number of the id that was hashed, or -1 when it is not held. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const id = this.#slots[slot] - 1;
      if (id < 0) return -1;
      if (this.#hashes[id] === hash && matches(this.#names[id], bytes, start, end)) return id;
    }
  }

  /** Adds an id that is not held, or answers -1 when the table is full. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (this.#count === this.#maxIds) return -1;
    const id = this.#free.pop() ?? this.#names.length;
    this.#names[id] = latin1(bytes, start, end);
    if (id >= this.#hashes.length) {
      const hashes = new Int32Array(this.#hashes.length * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes[id] = hash;
    if (++this.#count * 2 > this.#slots.length) this.#enlarge(id);
    this.#place(id);
    return id;
  }

  /** The number of an id given as text, or -1 when it is not held. */
  findName(name: string): number {
    const bytes = bytesOf(name);
    const hash = this.hash(bytes, 0, bytes.length);
    return hash < 0 ? -1 : this.find(bytes, 0, bytes.length, hash);
  }

  /** The number of an id given as text, added if need be; -1 when invalid or full. */
  intern(name: string): number {
    const bytes = bytesOf(name);
    const hash = this.hash(bytes, 0, bytes.length);
    if (hash < 0) return -1;
    const found = this.find(bytes, 0, bytes.length, hash);
    return found >= 0 ? found : this.add(bytes, 0, bytes.length, hash);
  }

  /** One more than the greatest number given so far. */
  get end(): number {
    return this.#names.length;
  }

  /** The id as text; empty for a number that is free. */
  name(id: number): string {
    return this.#names[id];
  }

  /** Removes an id. */
  remove(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[id] & mask;
    while (this.#slots[slot] !== id + 1) slot = (slot + 1) & mask;
    // Later entries of the run move back, so that no probe ends too early.
    for (let next = (slot + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashes[this.#slots[next] - 1] & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      this.#slots[slot] = this.#slots[next];
      slot = next;
    }
    this.#slots[slot] = 0;
    this.#names[id] = "";
    this.#free.push(id);
    this.#count--;
  }

  #enlarge(except: number): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < this.#names.length; id++) {
      if (id !== except && this.#names[id] !== "") this.#place(id);
    }
  }

  #place(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[id] & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (char) => char.charCodeAt(0));
}

function matches(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
