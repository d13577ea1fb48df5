import { type EventLoop, macrotask } from "../../../loop/mod.ts";
import { type RedisConnection, RedisError, type RedisScript } from "../../../redis/mod.ts";
import { StoreError } from "../../store_error.ts";
import { type Header, readBatchReply } from "./batch_reply.ts";
import type { ToldJob } from "./job_meta.ts";
import { LAYOUT } from "./script_frame.ts";
import { type Answer, encodeOperations, type Operation, resultsOf } from "./operation.ts";

/** Operations of one call at most, and bytes that go with them, so that Redis is busy only shortly. */
const MAX_OPERATIONS = 500;
const MAX_BYTES = 1_048_576;
const REPLICATION_MS = 1000;

/** Options of {@linkcode Lane}. */
export interface LaneOptions {
  redis: RedisConnection;
  script: RedisScript;
  loop: EventLoop;
  prefix: string;
  /** The name of the lane, one of its own in all processes. */
  name: string;
  /** How many calls there may be at a time. */
  atOnce?: number;
  maxJobs: number;
  /** How many replicas must have a batch before it is answered. */
  replicas: number;
  /** The clock of Redis. */
  now: () => number;
  /** Told of each answer before those who asked. */
  onHeader: (header: Header) => void;
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** What remembers, in Redis, the last call of those that come one after the other. */
interface Slot {
  readonly name: string;
  sequence: number;
}

/** Sends operations to Redis in their order: those that come during a call form the next. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #free: Slot[];
  #waiting: Waiting[] = [];
  #isScheduled = false;
  #apart: Promise<void> = Promise.resolve();
  #closed: StoreError | null = null;
  /** Bytes of bodies that wait to be sent, or for their answer. */
  pendingBytes = 0;

  /**
   * @param options See {@linkcode LaneOptions}.
   */
  constructor(options: LaneOptions) {
    this.#options = options;
    const { name, atOnce = 1 } = options;
    this.#free = Array.from(
      { length: atOnce },
      (_, i) => ({ name: name + (i || ""), sequence: 0 }),
    );
  }

  /** Has an operation done. */
  ask(operation: Operation): Promise<Answer> {
    return new Promise((resolve, reject) => this.#add({ operation, resolve, reject }));
  }

  /** Has operations done, in their order. */
  askAll(operations: readonly Operation[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      const answers: Answer[] = [];
      const take = (answer: Answer): void => {
        if (answers.push(answer) === operations.length) resolve(answers);
      };
      for (const operation of operations) this.#add({ operation, resolve: take, reject });
      if (operations.length === 0) resolve(answers);
    });
  }

  /** Rejects all that waits. */
  close(error: StoreError): void {
    this.#closed = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #add(waiting: Waiting): void {
    if (this.#closed !== null) return waiting.reject(this.#closed);
    this.#waiting.push(waiting);
    this.pendingBytes += waiting.operation.bytes?.length ?? 0;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // What is asked for in the same breath goes together.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#free.length > 0) {
      void this.#exchange(this.#free.shift()!, this.#take());
    }
  }

  async #exchange(slot: Slot, batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#call(slot, batch);
    } catch (error) {
      const reason = this.#closed ?? failure(error);
      for (const { reject } of batch) reject(reason);
    }
    for (const { operation } of batch) this.pendingBytes -= operation.bytes?.length ?? 0;
    this.#free.push(slot);
    this.#send();
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

  /**
   * Waits while what an answer before this one has led to goes out, so that Redis goes on with
   * that instead of waiting for what this one will lead to.
   */
  async #alone(): Promise<void> {
    if (this.#options.atOnce === undefined) return;
    const before = this.#apart;
    // The client writes in the first one.
    this.#apart = before.then(macrotask).then(macrotask);
    await before;
  }

  #take(): Waiting[] {
    let count = 0;
    let size = 0;
    let weight = 0;
    for (const { operation: { bytes, weight: own = 1 } } of this.#waiting) {
      size += bytes?.length ?? 0;
      weight += own;
      if (count > 0 && (weight > MAX_OPERATIONS || size > MAX_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #call(slot: Slot, batch: readonly Waiting[]): Promise<void> {
    const { redis, script, loop, prefix, maxJobs, now, onHeader } = this.#options;
    const sentAt = loop.now();
    const operations = batch.map(({ operation }) => operation);
    // deno-fmt-ignore
    const args = [
      slot.name, String(++slot.sequence), String(now()), encodeOperations(operations),
      joined(operations), String(maxJobs),
    ];
    // Done once though it be sent twice, as the script remembers the sequence number.
    const reply = await redis.run(script, { keys: [prefix], args }, { retry: true });
    await this.#replicated();
    await this.#alone();
    if (this.#closed !== null) throw this.#closed;
    const parts = reply as readonly Uint8Array[];
    if (parts.length === 1) throw layoutError(parts[0]);
    const [header, jobs] = readBatchReply(parts);
    onHeader(header);
    const lease = header.l ?? 0;
    let next = 0;
    let at = 0;
    for (const result of resultsOf(operations, header.r)) {
      const { operation, resolve } = batch[next++];
      const isTelling = TELLING.has(operation.op[0] as string);
      const count = isTelling ? Math.max(0, Number(result)) : 0;
      resolve({ result, jobs: count === 0 ? NO_JOBS : jobs.slice(at, at + count), lease, sentAt });
      at += count;
    }
  }
}

const NO_JOBS: readonly ToldJob[] = [];

/** Operations whose result is how many jobs they tell of. */
const TELLING: ReadonlySet<string> = new Set([
  "reserve",
  "reserveJob",
  "peek",
  "peekNext",
  "list",
  "outcome",
]);

function joined(operations: readonly Operation[]): Uint8Array {
  let length = 0;
  for (const { prefix, bytes } of operations) {
    length += (prefix?.length ?? 0) + (bytes?.length ?? 0);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const { prefix, bytes } of operations) {
    if (prefix !== undefined) all.set(prefix, at);
    at += prefix?.length ?? 0;
    if (bytes !== undefined) all.set(bytes, at);
    at += bytes?.length ?? 0;
  }
  return all;
}

function layoutError(found: Uint8Array): StoreError {
  const layout = new TextDecoder().decode(found);
  const message =
    `Cannot use the jobs in Redis as they are of layout ${layout} instead of ${LAYOUT}`;
  return new StoreError(message, { code: "corrupt" });
}

function failure(error: unknown): unknown {
  if (!(error instanceof RedisError)) return error;
  const code = error.code === "closed" ? "closed" : "failed";
  return new StoreError(`Cannot use job store as Redis fails: ${error.message}`, {
    code,
    cause: error,
  });
}
