import type { EventLoop } from "../../../loop/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { Batch } from "./batch.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import type { ChunkList, KvRecord } from "./kv_record.ts";

/** The largest body that is stored in a segment. */
const MAX_INLINE_BYTES = 56_000;
const CHUNK_BYTES = 60_000;
/** Chunks that go into one transaction, among what else it holds. */
const CHUNKS_AT_ONCE = 4;
const DELETIONS_AT_ONCE = 200;
const RETRY_MS = 1000;

/** What has to go into the transaction that stores a job with a large body. */
export interface StagedBody {
  readonly chunks: ChunkList;
  readonly also: (batch: Batch) => void;
}

/** Bodies that are too large for a segment, stored in chunks. */
export class Bodies {
  readonly #loop: EventLoop;
  readonly #kv: KvDatabase;
  readonly #keys: KeySpace;
  readonly #committer: Committer;
  readonly #sweeps = new Map<number, number>();
  #sweeping: Promise<void> | null = null;
  readonly #closing = new AbortController();

  /**
   * @param parts What the store is made of.
   */
  constructor(parts: { loop: EventLoop; kv: KvDatabase; keys: KeySpace; committer: Committer }) {
    this.#loop = parts.loop;
    this.#kv = parts.kv;
    this.#keys = parts.keys;
    this.#committer = parts.committer;
  }

  /** Whether a body is too large for a segment. */
  static isLarge(body: Uint8Array): boolean {
    return body.length > MAX_INLINE_BYTES;
  }

  /** How many chunks a body has. */
  static countOf(body: Uint8Array): number {
    return Math.ceil(body.length / CHUNK_BYTES);
  }

  /**
   * Stores most of a body ahead of its job. Until the job is stored too, the
   * chunks are marked, so that they are swept after a crash.
   */
  async stage(body: Uint8Array, id: number): Promise<StagedBody> {
    const count = Bodies.countOf(body);
    const put = (batch: Batch, from: number): void => {
      for (let part = from; part < Math.min(count, from + CHUNKS_AT_ONCE); part++) {
        const start = part * CHUNK_BYTES;
        batch.set(this.#keys.chunk(id, part), body.slice(start, start + CHUNK_BYTES));
      }
    };
    const chunks = { id, count };
    if (count <= CHUNKS_AT_ONCE) return { chunks, also: (batch) => put(batch, 0) };
    const marker = this.#keys.looseBody(id);
    for (let part = 0; part < count; part += CHUNKS_AT_ONCE) {
      await this.#committer.write((batch) => {
        if (part === 0) batch.set(marker, count);
        put(batch, part);
      });
    }
    return { chunks, also: (batch) => batch.delete(marker) };
  }

  /** Reads the bodies that are not in memory; `null` when all are. */
  read(records: readonly KvRecord[]): Promise<void> | null {
    const missing = records.filter((each) => each.chunks !== null && each.body.length === 0);
    if (missing.length === 0) return null;
    return Promise.all(missing.map((each) => this.#read(each, each.chunks!))).then(() => {});
  }

  /** Deletes the chunks of a body, sometime. */
  sweep(chunks: ChunkList): void {
    this.#sweeps.set(chunks.id, chunks.count);
    this.#sweeping ??= this.#sweepAll();
  }

  /** Deletes no more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#sweeps.clear();
    await this.#sweeping;
  }

  async #read(record: KvRecord, { id, count }: ChunkList): Promise<void> {
    const parts: Uint8Array[] = [];
    try {
      for (let part = 0; part < count; part++) {
        const { value } = await this.#kv.get(this.#keys.chunk(id, part));
        if (value instanceof Uint8Array) parts.push(value);
      }
    } catch (cause) {
      const message = "Cannot read the body of a job as the database has failed";
      throw new StoreError(message, { code: "failed", cause });
    }
    if (parts.length < count) {
      const message = `Cannot read the body of job ${record.id} as a part of it is missing`;
      throw new StoreError(message, { code: "corrupt" });
    }
    const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      body.set(part, at);
      at += part.length;
    }
    record.body = body;
  }

  async #sweepAll(): Promise<void> {
    for (const [id, count] of this.#sweeps) {
      while (this.#sweeps.has(id) && !await this.#sweep(id, count)) {
        // A closing store ends the pause, and clears what is left to do.
        await this.#loop.sleep(RETRY_MS, this.#closing).catch(() => this.#sweeps.clear());
      }
      this.#sweeps.delete(id);
    }
    this.#sweeping = null;
  }

  async #sweep(id: number, count: number): Promise<boolean> {
    try {
      for (let from = 0; from < count; from += DELETIONS_AT_ONCE) {
        const to = Math.min(count, from + DELETIONS_AT_ONCE);
        await this.#committer.write((batch) => {
          for (let part = from; part < to; part++) batch.delete(this.#keys.chunk(id, part));
          if (to === count) batch.delete(this.#keys.looseBody(id));
        });
      }
      return true;
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }
}
