import { EventLoop } from "../../loop/mod.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { StoreError } from "../store_error.ts";
import type { NewJob } from "../stored_job.ts";
import { ByteWriter } from "./kv/byte_writer.ts";
import { KeySpace } from "./kv/key_space.ts";
import type { KvDatabase, KvKey } from "./kv/kv_database.ts";
import { openDatabase } from "./kv/open_database.ts";
import { writeParcelJob } from "./kv/parcel_codec.ts";
import { checkNewJob } from "./new_record.ts";

const PART_BYTES = 60_000;
/** What goes into one transaction, beyond the last job of it. */
const PARCEL_BYTES = 250_000;
const MAX_JOB_BYTES = 500_000;
const TRIES = 3;

/** Options of {@linkcode KvJobInbox.open}. */
export interface KvJobInboxOptions {
  /**
   * The file of the database.
   *
   * @default {the file that Deno keeps for the program}
   */
  path?: string;
  /**
   * The database itself, instead of a file; it is not closed with the inbox.
   *
   * @default {the one at path}
   */
  kv?: KvDatabase;
  /**
   * What all keys of the store begin with.
   *
   * @default {["queue"]}
   */
  prefix?: KvKey;
  /**
   * The loop whose clock the inbox lives by.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Most bytes posted and not yet durable.
   *
   * @default {16_777_216}
   */
  maxPendingBytes?: number;
}

/** Jobs that were posted and are not yet durable. */
interface Post {
  readonly jobs: readonly NewJob[];
  readonly bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Pushes jobs from another process or isolate than the one that owns the
 * store. They are durable at once, and the owner takes them in a moment later, or when it next
 * starts. The file serves one writer at a time, so that this is for jobs that come now and then;
 * for many, push to the server.
 *
 * @example A producer beside the owner
 * ```ts
 * import { KvJobInbox, KvJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await using store = await KvJobStore.open({ path });
 * await using inbox = await KvJobInbox.open({ path });
 * await inbox.post([{ body: new TextEncoder().encode("hello") }]);
 * const [job] = await store.reserve({ tubes: ["default"] });
 * assertEquals(new TextDecoder().decode(job.body), "hello");
 * ```
 */
export class KvJobInbox implements AsyncDisposable {
  readonly #kv: KvDatabase;
  readonly #ownsKv: boolean;
  readonly #keys: KeySpace;
  readonly #loop: EventLoop;
  readonly #maxPendingBytes: number;
  /** Tells the parcels of this inbox from those of others. */
  readonly #name: string;
  readonly #scratch = new ByteWriter(PARCEL_BYTES);
  #waiting: Post[] = [];
  #pendingBytes = 0;
  #parcels = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  private constructor(kv: KvDatabase, options: KvJobInboxOptions) {
    this.#kv = kv;
    this.#ownsKv = options.kv === undefined;
    this.#keys = new KeySpace(options.prefix ?? ["queue"]);
    this.#loop = options.loop ?? EventLoop.default();
    this.#name = [...this.#loop.random.bytes(8)].join(".");
    this.#maxPendingBytes = options.maxPendingBytes ?? 16_777_216;
  }

  /**
   * Opens the inbox of a store, be it open elsewhere or not.
   *
   * @param options See {@linkcode KvJobInboxOptions}.
   * @throws {StoreError} When the file can't be opened.
   */
  static async open(options: KvJobInboxOptions = {}): Promise<KvJobInbox> {
    return new KvJobInbox(options.kv ?? await openDatabase(options.path), options);
  }

  /**
   * Posts jobs.
   *
   * @returns Once they are durable. When it fails, they may have been posted nevertheless.
   * @throws {JobTooBigError} When a body is larger than 500,000 bytes.
   * @throws {RangeError} When an option is out of range.
   * @throws {QueueFullError} When too much is not yet durable.
   * @throws {StoreError} When the database has failed, or the inbox is closed.
   */
  post(jobs: readonly NewJob[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError();
      let bytes = 0;
      for (const job of jobs) {
        checkNewJob(job, MAX_JOB_BYTES);
        bytes += job.body.length;
      }
      if (this.#pendingBytes > this.#maxPendingBytes) {
        throw new QueueFullError(this.#maxPendingBytes, "bytes");
      }
      this.#pendingBytes += bytes;
      this.#waiting.push({ jobs, bytes, resolve, reject });
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Closes the inbox once what was posted is durable. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#running !== null) await this.#running;
    if (this.#ownsKv) this.#kv.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const posts = this.#take();
      try {
        for (const parcel of this.#pack(posts)) await this.#send(parcel);
        for (const post of posts) post.resolve();
      } catch (error) {
        for (const post of posts) post.reject(error);
      }
      for (const { bytes } of posts) this.#pendingBytes -= bytes;
    }
    this.#running = null;
  }

  #take(): Post[] {
    let [bytes, count] = [0, 0];
    while (count < this.#waiting.length && bytes < PARCEL_BYTES) {
      bytes += this.#waiting[count++].bytes;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  *#pack(posts: readonly Post[]): IterableIterator<Uint8Array> {
    const wallMs = this.#loop.wallNow();
    this.#scratch.reset();
    for (const { jobs } of posts) {
      for (const job of jobs) {
        writeParcelJob(this.#scratch, job, wallMs);
        if (this.#scratch.length < PARCEL_BYTES) continue;
        yield this.#scratch.take();
        this.#scratch.reset();
      }
    }
    if (this.#scratch.length > 0) yield this.#scratch.take();
  }

  async #send(parcel: Uint8Array): Promise<void> {
    const id = this.#nextParcel();
    for (let attempt = 1;; attempt++) {
      const atomic = this.#kv.atomic();
      for (let part = 0; part * PART_BYTES < parcel.length; part++) {
        const start = part * PART_BYTES;
        atomic.set(this.#keys.parcel(id, part), parcel.slice(start, start + PART_BYTES));
      }
      try {
        // Without a check: a try that has failed may have been written, and is written again.
        await atomic.commit();
        return;
      } catch (cause) {
        if (attempt < TRIES) continue;
        throw new StoreError("Cannot post jobs as the database has failed", {
          code: "failed",
          cause,
        });
      }
    }
  }

  /** A name that sorts by time, and that no other process uses. */
  #nextParcel(): string {
    const time = Math.floor(this.#loop.wallNow()).toString(36).padStart(9, "0");
    const count = (++this.#parcels).toString(36).padStart(9, "0");
    return `${time}-${count}-${this.#name}`;
  }
}

function closedError(): StoreError {
  return new StoreError("Cannot post jobs as the inbox is closed", { code: "closed" });
}
