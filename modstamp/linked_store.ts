import { decodeStoreFrame, encodeStoreFrame, type StoreFrame } from "./_store_frame.ts";
import { type ModstampStore, StoreError } from "./store.ts";
import type { StoreLink } from "./store_link.ts";

/**
 * A store that another process owns and shares among several servers, as its
 * file belongs to one process: see {@linkcode StoreOwner}.
 *
 * @example Two servers on one store
 * ```ts
 * import {
 *   LinkedModstampStore,
 *   MemoryModstampStore,
 *   StoreOwner,
 * } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const owner = new StoreOwner(new MemoryModstampStore());
 * function open(): LinkedModstampStore {
 *   let receive = (_bytes: Uint8Array): void => {};
 *   const link = owner.attach((bytes) => (receive(bytes), true));
 *   return new LinkedModstampStore({
 *     send: (bytes) => (link.receive(bytes), true),
 *     onMessage: (handler) => receive = handler,
 *   });
 * }
 * const [one, two] = [open(), open()];
 * const seen = new Promise((resolve) => two.subscribe(resolve));
 * await two.load(() => {});
 * await one.commit(new Map([["test", Uint8Array.of(1)]]));
 * assertEquals(await seen, new Map([["test", Uint8Array.of(1)]]));
 * ```
 */
export class LinkedModstampStore implements ModstampStore {
  readonly #link: StoreLink;
  readonly #commits = new Map<number, PromiseWithResolvers<number>>();
  #loading: PromiseWithResolvers<void> | null = null;
  #onValue: (id: string, value: Uint8Array) => void = () => undefined;
  #onChange: Parameters<LinkedModstampStore["subscribe"]>[0] = () => undefined;
  #loaded = false;
  #sequence = 0;

  /**
   * Makes a linked store.
   *
   * @param link The way to the owner.
   */
  constructor(link: StoreLink) {
    this.#link = link;
    this.#link.onMessage((bytes) => this.#receive(bytes));
  }

  /** Asks the owner for all values. */
  async load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    this.#onValue = onValue;
    this.#loading = Promise.withResolvers();
    this.#send({ kind: "load" });
    await this.#loading.promise;
  }

  /** Has the owner store the changes. */
  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number> {
    const sequence = this.#sequence++ >>> 0;
    const commit = Promise.withResolvers<number>();
    this.#commits.set(sequence, commit);
    try {
      this.#send({ kind: "commit", sequence, changes: new Map(changes) });
      return await commit.promise;
    } finally {
      this.#commits.delete(sequence);
    }
  }

  /** Tells what the owner's other servers change. */
  subscribe(
    onChange: (changes: ReadonlyMap<string, Uint8Array>, version: number) => void,
  ): void {
    this.#onChange = onChange;
  }

  /** Does nothing: the owner closes what it owns. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #send(frame: StoreFrame): void {
    if (this.#link.send(encodeStoreFrame(frame))) return;
    throw new StoreError("Cannot reach the owner of the store as too much waits for it", {
      store: "owner",
    });
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeStoreFrame(bytes);
    if (frame?.kind === "values" && !this.#loaded) {
      for (const [id, value] of frame.changes) this.#onValue(id, value);
    } else if (frame?.kind === "values") {
      this.#onChange(frame.changes, frame.version);
    } else if (frame?.kind === "loaded") {
      this.#loaded = true;
      this.#loading?.resolve();
    } else if (frame?.kind === "committed") {
      this.#commits.get(frame.sequence)?.resolve(frame.version);
    } else if (frame?.kind === "failed" && this.#loading !== null && !this.#loaded) {
      this.#loading.reject(new StoreError(frame.reason, { store: "owner" }));
    } else if (frame?.kind === "failed") {
      this.#commits.get(frame.sequence)?.reject(new StoreError(frame.reason, { store: "owner" }));
    }
  }
}
