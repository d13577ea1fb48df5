import type { EventLoop, Handle, StreamHandlers, StreamSocket } from "../../loop/mod.ts";
import { formatAddress } from "../address_filter.ts";
import { JobTooBigError } from "../job_too_big_error.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { StoreError } from "../store_error.ts";
import type { NewJob } from "../stored_job.ts";
import type { DeadLineLog } from "./dead_line_log.ts";
import type { JobLineReader } from "./job_line_reader.ts";
import type { LineServerStats, LineStore } from "./line_server_options.ts";
import { LineSplitter } from "./line_splitter.ts";

/** Bytes of answers that are held back at most. */
const MAX_ANSWER_BYTES = 65_536;

/** Most jobs that are offered at once to a store that has refused some. */
const MAX_OFFERED = 1024;

/** What a connection has from its server. */
export interface LineContext {
  readonly loop: EventLoop;
  readonly store: LineStore;
  readonly reader: JobLineReader;
  readonly deadLines: DeadLineLog;
  readonly stats: LineServerStats;
  readonly maxLineBytes: number;
  readonly maxPendingBytes: number;
  readonly answerDelayMs: number;
  readonly retryMs: number;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** A job that the store has yet to take, and the line that it came in. */
interface Parcel {
  readonly job: NewJob;
  readonly line: number;
}

const encoder = new TextEncoder();

/** One connection of the line protocol. */
export class LineConnection implements StreamHandlers {
  readonly #context: LineContext;
  readonly #stream: StreamSocket;
  readonly #splitter: LineSplitter;
  /** Jobs that the store has refused for now, in their order. */
  #waiting: Parcel[] = [];
  #retrying = false;
  #pendingJobs = 0;
  #pendingBytes = 0;
  #lines = 0;
  #answers = "";
  #unanswered = 0;
  #acknowledged = false;
  #answerTimer: Handle | null = null;
  #ended = false;

  /**
   * @param stream The connection.
   * @param context What it has from its server.
   */
  constructor(stream: StreamSocket, context: LineContext) {
    this.#stream = stream;
    this.#context = context;
    this.#splitter = new LineSplitter({
      onLine: (line) => this.#take(line),
      onFault: (line, reason) => {
        this.#lines++;
        this.#refuse(this.#lines, reason, line);
      },
    }, context.maxLineBytes);
  }

  onData(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
    this.#delayAnswers();
    if (this.#pendingBytes >= this.#context.maxPendingBytes) this.#stream.pause();
  }

  onEnd(): void {
    this.#splitter.end();
    this.#ended = true;
    this.#finish();
  }

  /** Gives the connection up: its end must not tell that all is durable, unless it is. */
  abandon(): void {
    if (this.#acknowledged) return;
    this.#answers += `${JSON.stringify({ error: "Cannot take all lines as the server stops" })}\n`;
    this.#answer();
  }

  onClose(): void {
    this.#ended = true;
    this.#answerTimer?.cancel();
  }

  #take(line: Uint8Array): void {
    this.#lines++;
    const result = this.#context.reader.read(line);
    if (!result.ok) return this.#refuse(this.#lines, result.reason, line);
    this.#pendingJobs++;
    this.#pendingBytes += result.job.body.length;
    const parcel = { job: result.job, line: this.#lines };
    // None may overtake those that wait.
    if (this.#retrying) this.#waiting.push(parcel);
    else this.#push(parcel);
  }

  #push(parcel: Parcel): void {
    this.#context.store.push(parcel.job).then(
      () => {
        this.#context.stats.jobs++;
        this.#settle(parcel);
      },
      (error) => this.#failed(parcel, error),
    );
  }

  #failed(parcel: Parcel, error: unknown): void {
    if (isUnfit(error)) {
      this.#refuse(parcel.line, error.message, parcel.job.body);
      return this.#settle(parcel);
    }
    this.#waiting.push(parcel);
    if (!this.#retrying) void this.#retry(error);
  }

  /** Holds everything back until the store takes jobs again, and then offers it bit by bit. */
  async #retry(error: unknown): Promise<void> {
    this.#retrying = true;
    this.#stream.pause();
    try {
      await this.#whenTaking(error);
      for (let count = 1; this.#waiting.length > 0; count = Math.min(count * 2, MAX_OFFERED)) {
        const failure = await this.#offer(this.#waiting.splice(0, count));
        if (failure === null) continue;
        await this.#whenTaking(failure.error);
        count = 1;
      }
    } catch (reason) {
      if (!this.#context.signal.aborted) this.#context.onError(reason);
      return this.#stream.terminate();
    }
    this.#retrying = false;
    this.#resume();
  }

  /** Pushes jobs; those that the store refuses for now wait again, and why is returned. */
  async #offer(parcels: Parcel[]): Promise<{ error: unknown } | null> {
    const pushes = parcels.map((parcel) => this.#context.store.push(parcel.job));
    const results = await Promise.allSettled(pushes);
    const again: Parcel[] = [];
    let failure: { error: unknown } | null = null;
    for (const [i, result] of results.entries()) {
      const parcel = parcels[i];
      if (result.status === "fulfilled") {
        this.#context.stats.jobs++;
        this.#settle(parcel);
      } else if (isUnfit(result.reason)) {
        this.#refuse(parcel.line, result.reason.message, parcel.job.body);
        this.#settle(parcel);
      } else {
        failure ??= { error: result.reason };
        again.push(parcel);
      }
    }
    if (again.length > 0) this.#waiting = again.concat(this.#waiting);
    return failure;
  }

  /** Waits until the store may take jobs again. */
  async #whenTaking(error: unknown): Promise<void> {
    const { loop, store, retryMs, signal, stats, onError } = this.#context;
    if (error instanceof StoreError && error.code !== "failed") throw error;
    if (error instanceof QueueFullError) {
      stats.fullWaits++;
      return await store.whenRoom({ signal });
    }
    stats.failures++;
    onError(error);
    await loop.sleep(retryMs, { signal });
  }

  #settle({ job }: Parcel): void {
    this.#pendingJobs--;
    this.#pendingBytes -= job.body.length;
    this.#resume();
    if (this.#pendingJobs === 0) this.#finish();
  }

  #resume(): void {
    if (this.#retrying || !this.#stream.paused) return;
    if (this.#pendingBytes > this.#context.maxPendingBytes / 2) return;
    this.#delayAnswers();
    this.#stream.resume();
  }

  /** Ends this side once all is durable, which tells the sender so. */
  #finish(): void {
    if (!this.#ended || this.#pendingJobs > 0 || this.#stream.closed) return;
    this.#answer();
    this.#acknowledged = true;
    this.#stream.end();
  }

  #refuse(number: number, reason: string, line: Uint8Array): void {
    const { stats, deadLines, loop } = this.#context;
    stats.badLines++;
    const from = formatAddress(this.#stream.remoteAddress);
    deadLines.add({ at: loop.wallNow(), from, reason, line });
    if (this.#answers.length >= MAX_ANSWER_BYTES) this.#unanswered++;
    else this.#answers += `${JSON.stringify({ line: number, error: reason })}\n`;
    this.#delayAnswers();
  }

  #delayAnswers(): void {
    if (this.#answers === "" || this.#ended) return;
    this.#answerTimer?.cancel();
    this.#answerTimer = this.#context.loop.callLater(this.#context.answerDelayMs, () => {
      // While nothing is read, nobody knows whether the sender is still there.
      if (!this.#stream.paused) this.#answer();
    });
  }

  #answer(): void {
    this.#answerTimer?.cancel();
    if (this.#answers === "") return;
    if (this.#unanswered > 0) {
      const count = this.#unanswered;
      const error = `Cannot take ${count} further lines`;
      this.#answers += `${JSON.stringify({ error, count })}\n`;
    }
    // Who doesn't read what was answered before gets no more.
    if (this.#stream.queuedBytes < MAX_ANSWER_BYTES) {
      this.#stream.write(encoder.encode(this.#answers));
    }
    this.#answers = "";
    this.#unanswered = 0;
  }
}

/** Whether a job can't be stored, now or later. */
function isUnfit(error: unknown): error is RangeError | JobTooBigError {
  return error instanceof RangeError || error instanceof JobTooBigError;
}
