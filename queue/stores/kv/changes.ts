import type { PushReceipt } from "../../job_store.ts";
import type { StoreError } from "../../store_error.ts";
import type { JobOutcome } from "../../stored_job.ts";
import type { Batch } from "./batch.ts";
import type { Change } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvRecord } from "./kv_record.ts";
import { encodeOutcome } from "./outcome_codec.ts";
import type { Segment } from "./segment.ts";

/** What a change tells, at once when it has taken effect or failed. */
export interface ChangeOptions {
  keys: KeySpace;
  committed: () => void;
  failed: (error: StoreError) => void;
}

abstract class KvChange implements Change {
  readonly keys: KeySpace;
  readonly #options: ChangeOptions;

  constructor(options: ChangeOptions) {
    this.keys = options.keys;
    this.#options = options;
  }

  abstract stage(batch: Batch): void;

  committed(): void {
    this.#options.committed();
  }

  failed(error: StoreError): void {
    this.#options.failed(error);
  }
}

/** Who has a new job stored. */
export interface PutHost {
  readonly keys: KeySpace;
  /** The job is stored. */
  stored(record: KvRecord): void;
  /** It is not. */
  unstored(record: KvRecord): void;
}

/** Whom {@linkcode PutChange} tells, and what else belongs to the transaction. */
export interface PutOptions {
  readonly host: PutHost;
  readonly also: ((batch: Batch) => void) | undefined;
  readonly resolve: (receipt: PushReceipt) => void;
  readonly reject: (error: StoreError) => void;
}

/** Stores a new job. There are more of these than of anything else, so that it is kept small. */
export class PutChange implements Change {
  readonly #record: KvRecord;
  readonly #options: PutOptions;

  /**
   * @param record The job.
   * @param options See {@linkcode PutOptions}.
   */
  constructor(record: KvRecord, options: PutOptions) {
    this.#record = record;
    this.#options = options;
  }

  stage(batch: Batch): void {
    const { tube, key, id } = this.#record;
    const { host, also } = this.#options;
    batch.put(this.#record);
    if (key !== undefined) batch.set(host.keys.unique(tube, key), id);
    also?.(batch);
  }

  committed(): void {
    const { host, resolve } = this.#options;
    host.stored(this.#record);
    resolve({ id: this.#record.id, duplicate: false });
  }

  failed(error: StoreError): void {
    const { host, reject } = this.#options;
    host.unstored(this.#record);
    reject(error);
  }
}

/** Ends a job. */
export class EndChange extends KvChange {
  readonly #record: KvRecord;
  readonly #outcome: JobOutcome;

  /**
   * @param record The job, taken out of its segment.
   * @param outcome How it ends.
   * @param options What to tell.
   */
  constructor(record: KvRecord, outcome: JobOutcome, options: ChangeOptions) {
    super(options);
    this.#record = record;
    this.#outcome = outcome;
  }

  stage(batch: Batch): void {
    const record = this.#record;
    batch.leave(record);
    const { key, chunks, keepResultMs } = record;
    if (key !== undefined) batch.delete(this.keys.unique(record.tube, key));
    if (chunks !== null) batch.set(this.keys.looseBody(chunks.id), chunks.count);
    if (keepResultMs > 0) keepOutcome(batch, this.keys, record, this.#outcome);
  }
}

/** Lets another record take the place of one: the same job in another state. */
export class MoveChange extends KvChange {
  readonly #from: KvRecord;
  readonly #to: KvRecord;

  /**
   * @param from The record, taken out of its segment.
   * @param to The record that takes its place.
   * @param options What to tell.
   */
  constructor(from: KvRecord, to: KvRecord, options: ChangeOptions) {
    super(options);
    this.#from = from;
    this.#to = to;
  }

  stage(batch: Batch): void {
    batch.leave(this.#from);
    batch.put(this.#to);
    const { key, tube } = this.#from;
    if (key !== undefined && this.#to.key === undefined) batch.delete(this.keys.unique(tube, key));
    if (this.#to.state === "buried" && this.#to.keepResultMs > 0) {
      keepOutcome(batch, this.keys, this.#to, { state: "buried", reason: this.#to.reason });
    }
  }
}

/** Notes that jobs were given out. */
export class StartChange extends KvChange {
  readonly #records: readonly KvRecord[];

  /**
   * @param records The jobs.
   * @param options What to tell.
   */
  constructor(records: readonly KvRecord[], options: ChangeOptions) {
    super(options);
    this.#records = records;
  }

  stage(batch: Batch): void {
    for (const record of this.#records) batch.start(record);
  }
}

/** Stores the jobs of some segments anew, in as few segments as can be. */
export class RewriteChange extends KvChange {
  readonly #sources: readonly Segment[];
  readonly #records: readonly KvRecord[];

  /**
   * @param sources The segments, which nothing else touches.
   * @param records The jobs that they own.
   * @param options What to tell.
   */
  constructor(
    sources: readonly Segment[],
    records: readonly KvRecord[],
    options: ChangeOptions,
  ) {
    super(options);
    this.#sources = sources;
    this.#records = records;
  }

  stage(batch: Batch): void {
    const rank = Math.min(...this.#sources.map((source) => source.rank));
    for (const record of this.#records) batch.put(record, rank);
    for (const source of this.#sources) batch.drop(source);
  }
}

function keepOutcome(batch: Batch, keys: KeySpace, record: KvRecord, outcome: JobOutcome): void {
  const expireIn = record.keepResultMs;
  batch.set(keys.outcome(record.id), encodeOutcome(outcome, batch.storeMs + expireIn), {
    expireIn,
  });
}
