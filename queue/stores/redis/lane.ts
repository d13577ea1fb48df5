import type { EventLoop } from "../../../loop/mod.ts";
import { type RedisConnection, RedisError, type RedisScript } from "../../../redis/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { JobMeta } from "./job_meta.ts";
import type { Counts } from "./mirror.ts";

/** Operations of one call at most, and bytes that go with them, so that Redis is busy only shortly. */
const MAX_OPERATIONS = 500;
const MAX_BYTES = 1_048_576;
const REPLICATION_MS = 1000;

const decoder = new TextDecoder();

/** What an operation asks for: its name and arguments, and bytes that go with it. */
export interface Operation {
  readonly op: readonly unknown[];
  readonly bytes?: Uint8Array;
  /** How many jobs it may bring back, if that is many. */
  readonly weight?: number;
}

/** A job as Redis tells of it. */
export interface ToldJob {
  /** `null` for what has no record. */
  readonly meta: JobMeta | null;
  readonly body: Uint8Array;
}

/** What became of an operation. */
export interface Answer {
  readonly result: number | boolean;
  /** The jobs that it tells of. */
  readonly jobs: readonly ToldJob[];
  /** When it was sent, on the loop's clock. */
  readonly sentAt: number;
}

/** What an answer says besides. */
export interface Header {
  /** Results. */
  readonly r: (number | boolean)[] | Record<string, never>;
  /** Whether all tubes are told of. */
  readonly a: boolean;
  /** Tubes that have changed. */
  readonly t: Record<string, Counts | false>;
  /** Totals. */
  readonly g: Counts;
  /** When the next job is due; 0 for never. */
  readonly n: number;
  /** Jobs that have expired. */
  readonly x: string[] | Record<string, never>;
  /** Jobs that were given up, and why. */
  readonly b: [string, string][] | Record<string, never>;
  /** Jobs that were kicked. */
  readonly k: string[] | Record<string, never>;
  /** Jobs in all states. */
  readonly j: number;
}

/** Options of {@linkcode Lane}. */
export interface LaneOptions {
  redis: RedisConnection;
  script: RedisScript;
  loop: EventLoop;
  prefix: string;
  /** The name of the lane, one of its own in all processes. */
  name: string;
  maxJobs: number;
  /** How many replicas must have a batch before it is answered. */
  replicas: number;
  /** The clock of Redis. */
  now: () => number;
  /** Told of each answer before those who asked. */
  onHeader: (header: Header) => void;
}

interface Waiting extends Operation, PromiseWithResolvers<Answer> {}

/** Sends operations to Redis in their order: those that come during one call form the next. */
export class Lane {
  readonly #options: LaneOptions;
  #waiting: Waiting[] = [];
  #isSending = false;
  #sequence = 0;
  #closed: StoreError | null = null;
  /** Bytes of bodies that wait to be sent, or for their answer. */
  pendingBytes = 0;

  /**
   * @param options See {@linkcode LaneOptions}.
   */
  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Has an operation done. */
  ask(operation: Operation): Promise<Answer> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const waiting = { ...operation, ...Promise.withResolvers<Answer>() };
    this.#waiting.push(waiting);
    this.pendingBytes += operation.bytes?.length ?? 0;
    if (!this.#isSending) {
      this.#isSending = true;
      // What is asked for in the same breath goes together.
      queueMicrotask(() => void this.#send());
    }
    return waiting.promise;
  }

  /** Rejects all that waits. */
  close(error: StoreError): void {
    this.#closed = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#call(batch);
      } catch (error) {
        const reason = this.#closed ?? failure(error);
        for (const { reject } of batch) reject(reason);
      }
      for (const { bytes } of batch) this.pendingBytes -= bytes?.length ?? 0;
    }
    this.#isSending = false;
  }

  async #replicated(): Promise<void> {
    const { redis, replicas } = this.#options;
    if (replicas === 0) return;
    const count = Number(await redis.call(["WAIT", String(replicas), String(REPLICATION_MS)]));
    if (count >= replicas) return;
    throw new StoreError(
      `Cannot be sure of jobs as ${count} of ${replicas} replicas of Redis have them`,
      { code: "failed" },
    );
  }

  #take(): Waiting[] {
    let count = 0;
    let size = 0;
    let weight = 0;
    for (const { bytes, weight: own = 1 } of this.#waiting) {
      size += bytes?.length ?? 0;
      weight += own;
      if (count > 0 && (weight > MAX_OPERATIONS || size > MAX_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #call(batch: readonly Waiting[]): Promise<void> {
    const { redis, script, loop, prefix, name, maxJobs, now, onHeader } = this.#options;
    const sentAt = loop.now();
    // deno-fmt-ignore
    const args = [
      name, String(++this.#sequence), String(now()), JSON.stringify(batch.map(({ op }) => op)),
      joined(batch), String(maxJobs),
    ];
    // Done once though it be sent twice, as the script remembers the sequence number.
    const reply = await redis.run(script, { keys: [prefix], args }, { retry: true });
    await this.#replicated();
    if (this.#closed !== null) throw this.#closed;
    const [header, jobs] = readReply(reply as readonly Uint8Array[]);
    onHeader(header);
    let at = 0;
    for (const [i, { op, resolve }] of batch.entries()) {
      const result = (header.r as (number | boolean)[])[i];
      const count = TELLING.has(op[0] as string) ? Math.max(0, Number(result)) : 0;
      resolve({ result, jobs: jobs.slice(at, at + count), sentAt });
      at += count;
    }
  }
}

/** Operations whose result is how many jobs they tell of. */
const TELLING: ReadonlySet<string> = new Set([
  "reserve",
  "reserveJob",
  "peek",
  "peekNext",
  "list",
  "outcome",
]);

function joined(batch: readonly Waiting[]): Uint8Array {
  const parts = batch.flatMap(({ bytes }) => bytes === undefined ? [] : [bytes]);
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function readReply(reply: readonly Uint8Array[]): [Header, ToldJob[]] {
  const [header, lengths, metas] = reply.slice(0, 3).map((bytes) =>
    JSON.parse(decoder.decode(bytes))
  );
  let at = 0;
  const jobs = (metas as (JobMeta | null)[]).map((meta, i) => {
    const body = reply[3].slice(at, at += lengths[i]);
    return { meta, body };
  });
  return [header, jobs];
}

function failure(error: unknown): unknown {
  if (!(error instanceof RedisError)) return error;
  const code = error.code === "closed" ? "closed" : "failed";
  return new StoreError(`Cannot use job store as Redis fails: ${error.message}`, {
    code,
    cause: error,
  });
}
