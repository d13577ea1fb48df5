import type { EventLoop, Handle } from "../../../loop/mod.ts";
import { QueueFullError } from "../../queue_full_error.ts";
import { StoreError } from "../../store_error.ts";
import type { NewJob } from "../../stored_job.ts";
import type { Committer } from "./committer.ts";
import type { Intake } from "./intake.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase, KvKey } from "./kv_database.ts";
import { decodeParcel } from "./parcel_codec.ts";

/** Entries read at a time. */
const ENTRIES_AT_ONCE = 100;

/** What a reader works on. */
export interface InboxReaderParts {
  loop: EventLoop;
  kv: KvDatabase;
  keys: KeySpace;
  committer: Committer;
  intake: Intake;
  inboxPollMs: number;
  onError: (error: unknown) => void;
}

/** A parcel of jobs that another process has left. */
interface Parcel {
  readonly id: string;
  readonly keys: KvKey[];
  readonly parts: Uint8Array[];
}

/** Takes in the jobs that others than the owner have pushed. */
export class InboxReader {
  readonly #parts: InboxReaderParts;
  #timer: Handle | null = null;
  #reading = false;
  #closed = false;

  /**
   * @param parts See {@linkcode InboxReaderParts}.
   */
  constructor(parts: InboxReaderParts) {
    this.#parts = parts;
  }

  /** Looks now, and from then on every so often. */
  start(): void {
    const { loop, inboxPollMs } = this.#parts;
    if (this.#closed) return;
    this.#timer = loop.every(inboxPollMs, () => this.#look());
    loop.callSoon(() => this.#look());
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    try {
      while (!this.#closed && await this.#takeSome());
    } catch (error) {
      const isExpected = error instanceof QueueFullError || this.#closed;
      if (!isExpected) this.#parts.onError(asStoreError(error));
    } finally {
      this.#reading = false;
    }
  }

  /** Takes in some parcels; whether there may be more. */
  async #takeSome(): Promise<boolean> {
    const { parcels, isAll } = await this.#read();
    for (const parcel of parcels) {
      if (this.#closed) return false;
      await this.#takeIn(parcel);
    }
    return !isAll;
  }

  async #read(): Promise<{ parcels: Parcel[]; isAll: boolean }> {
    const { kv, keys } = this.#parts;
    const parcels: Parcel[] = [];
    let count = 0;
    const entries = kv.list({ prefix: keys.inbox }, { batchSize: ENTRIES_AT_ONCE });
    for await (const { key, value } of entries) {
      const id = String(key.at(-2));
      if (parcels.at(-1)?.id !== id) {
        if (count >= ENTRIES_AT_ONCE) return { parcels, isAll: false };
        parcels.push({ id, keys: [], parts: [] });
      }
      const parcel = parcels.at(-1)!;
      parcel.keys.push(keys.parcel(id, Number(key.at(-1))));
      parcel.parts.push(value);
      count++;
    }
    return { parcels, isAll: true };
  }

  async #takeIn(parcel: Parcel): Promise<void> {
    const { loop, intake, committer, onError } = this.#parts;
    const jobs = decodeParcel(joined(parcel.parts), loop.wallNow());
    if (jobs === null) {
      const message = `Cannot take jobs in as parcel ${parcel.id} is damaged: it is dropped`;
      onError(new StoreError(message, { code: "corrupt" }));
    } else {
      await intake.pushMany(jobs.map(withinLimits));
    }
    await committer.write((batch) => {
      for (const key of parcel.keys) batch.delete(key);
    });
  }
}

function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError("Cannot take jobs in as the database has failed", {
    code: "failed",
    cause,
  });
}

/** Copies the body, so that a parcel's other bodies needn't stay in memory. */
function withinLimits(job: NewJob): NewJob {
  return { ...job, body: job.body.slice() };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
