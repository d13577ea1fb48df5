import {
  type EventLoop,
  formatAddress,
  type Handle,
  type StreamHandlers,
  type StreamSocket,
} from "../../loop/mod.ts";
import type { DeadLineLog } from "./dead_line_log.ts";
import type { JobLineReader } from "./job_line_reader.ts";
import { JobsHandedBackError } from "./jobs_handed_back_error.ts";
import { StoreError } from "../store_error.ts";
import { LineAnswers } from "./line_answers.ts";
import type { BudgetWaiter, LineBudget } from "./line_budget.ts";
import { LineIntake, type Parcel } from "./line_intake.ts";
import type { LineServerStats, LineStore } from "./line_server_options.ts";
import { LineQuestions } from "./line_questions.ts";
import { LineSplitter } from "./line_splitter.ts";
import { Standstill } from "./standstill.ts";

/** How long a sender must be silent until a server that stops has read all that it had sent. */
const QUIET_MS = 100;
/** How long a connection that is given up waits for what the store has already begun. */
const LAST_MS = 1000;

const LATE_LINE = "Cannot take line as it has not come whole in time";
const STOPPING = "Cannot take all lines as the server stops";

/** Most questions that wait, beyond which nothing is read. */
const MAX_QUESTIONS = 1000;

/** What a connection has from its server. */
export interface LineContext {
  readonly loop: EventLoop;
  readonly store: LineStore;
  readonly reader: JobLineReader;
  readonly deadLines: DeadLineLog;
  readonly stats: LineServerStats;
  readonly maxLineBytes: number;
  readonly maxPendingBytes: number;
  readonly budget: LineBudget;
  readonly answerDelayMs: number;
  readonly retryMs: number;
  readonly onError: (error: unknown) => void;
}

/** One connection of the line protocol. */
export class LineConnection implements StreamHandlers, BudgetWaiter {
  readonly #context: LineContext;
  readonly #stream: StreamSocket;
  readonly #splitter: LineSplitter;
  readonly #answers: LineAnswers;
  readonly #intake: LineIntake;
  readonly #questions = new LineQuestions();
  readonly #over = Promise.withResolvers<void>();
  readonly #line = new Standstill();
  readonly #silence = new Standstill();
  #lines = 0;
  #chunks = 0;
  /** Whether the sender has ended its side, or is gone. */
  #ended = false;
  /** Whether this side has said its last word. */
  #left = false;
  /** Why no more is read, once that is so. */
  #farewell: string | null = null;
  #quiet: Handle | null = null;
  #last: Handle | null = null;
  #handedBack = 0;
  #cause: unknown;

  /**
   * @param stream The connection.
   * @param context What it has from its server.
   */
  constructor(stream: StreamSocket, context: LineContext) {
    this.#stream = stream;
    this.#context = context;
    const { loop, answerDelayMs: delayMs } = context;
    this.#answers = new LineAnswers(stream, { loop, delayMs });
    this.#intake = new LineIntake({
      ...context,
      refuse: ({ line, job }, reason) => this.#refuse(line, { reason, text: job.body }),
      handBack: (parcel, error) => this.#handBack(parcel, error),
      onChange: () => this.#look(),
      onBlocked: () => stream.pause(),
    });
    this.#splitter = new LineSplitter({
      onLine: (text) => this.#take(text),
      onFault: (text, reason) => this.#refuse(++this.#lines, { reason, text }),
    }, context.maxLineBytes);
    this.#restrain();
  }

  /** Resolves when all that was read is stored or handed back, and the sender was told so. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  onData(chunk: Uint8Array): void {
    this.#chunks++;
    this.#splitter.push(chunk);
    this.#look();
    this.#answers.delay();
    const isMuch = this.#intake.bytes >= this.#context.maxPendingBytes;
    if (isMuch || this.#answers.stuck) this.#stream.pause();
    this.#restrain();
    if (this.#quiet !== null) this.#awaitSilence();
  }

  onEnd(): void {
    this.#splitter.end();
    this.#ended = true;
    this.#look();
  }

  onDrain(): void {
    this.#answers.drain();
    this.#look();
  }

  onClose(): void {
    this.#ended = true;
    this.#answers.cancel();
    this.#look();
  }

  /** Stores what the sender has written so far, even if the store is full, and then leaves. */
  drain(): void {
    if (this.#quiet !== null) return;
    this.#intake.rush();
    this.#awaitSilence();
    this.#look();
  }

  /** Reads no more, and hands back what the store doesn't take at once. */
  giveUp(): void {
    this.#quiet?.cancel();
    this.#stream.pause();
    this.#intake.giveUp();
    if (!this.#ended) this.#farewell ??= STOPPING;
    this.#last ??= this.#context.loop.callLater(LAST_MS, () => this.#abandon());
    this.#look();
  }

  /** Ends the connection if a line takes too long; to be asked twice in that time. */
  checkLine(): void {
    if (!this.#line.look(this.#splitter.isHalf && this.#reads ? this.#lines : null)) return;
    this.#splitter.giveUp(LATE_LINE);
    this.#timeOut("Cannot take further lines as one has not come whole in time");
  }

  /** Ends the connection if nothing comes for too long; to be asked twice in that time. */
  checkSilence(): void {
    if (!this.#silence.look(this.#reads ? this.#chunks : null)) return;
    this.#timeOut("Cannot wait for further lines as none has come for too long");
  }

  onRoom(): void {
    this.#look();
  }

  /** Whether it is up to the sender that something comes. */
  get #reads(): boolean {
    return !this.#stream.paused && !this.#ended && this.#farewell === null;
  }

  #timeOut(farewell: string): void {
    this.#context.stats.timedOut++;
    this.#farewell = farewell;
    this.#stream.pause();
    this.#look();
  }

  /** Reads nothing while all connections together hold too much. */
  #restrain(): void {
    const { budget } = this.#context;
    if (!budget.spent) return;
    this.#stream.pause();
    budget.wait(this);
  }

  #take(text: Uint8Array): void {
    this.#lines++;
    const result = this.#context.reader.read(text);
    if (!result.ok) return this.#refuse(this.#lines, { reason: result.reason, text });
    if ("job" in result) {
      const group = this.#questions.add();
      return this.#intake.take({ job: result.job, line: this.#lines, group });
    }
    this.#questions.ask(result.ack);
    if (this.#questions.waiting > MAX_QUESTIONS) this.#stream.pause();
  }

  #awaitSilence(): void {
    this.#quiet?.cancel();
    this.#quiet = this.#context.loop.callLater(QUIET_MS, () => {
      if (this.#intake.jobs > 0 || this.#stream.paused) this.#awaitSilence();
      else this.giveUp();
    });
  }

  /** Reads on, leaves or ends, if it is time to. */
  #look(): void {
    const { jobs, bytes, blocked } = this.#intake;
    for (const { ack, jobs } of this.#questions.take()) this.#answers.confirm(ack, jobs);
    if (jobs === 0 && (this.#ended || this.#farewell !== null)) return this.#leave();
    if (blocked || this.#farewell !== null || !this.#stream.paused) return;
    if (this.#questions.waiting > 0 || this.#answers.stuck) return;
    if (bytes > this.#context.maxPendingBytes / 2) return;
    if (this.#context.budget.spent) return this.#restrain();
    this.#answers.delay();
    this.#stream.resume();
  }

  /** Ends this side. Without a last word it tells the sender that all is durable. */
  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#quiet?.cancel();
    this.#last?.cancel();
    this.#context.budget.forget(this);
    if (!this.#stream.closed) {
      this.#answers.send(this.#farewell ?? undefined);
      if (this.#farewell === null) this.#stream.end();
      else void this.#stream[Symbol.asyncDispose]();
    }
    if (this.#handedBack > 0) {
      const from = formatAddress(this.#stream.remoteAddress);
      this.#context.onError(
        new JobsHandedBackError(this.#handedBack, { from, cause: this.#cause }),
      );
    }
    this.#over.resolve();
  }

  /** Leaves though nobody knows what becomes of some jobs, as the store doesn't answer. */
  #abandon(): void {
    this.#farewell ??= STOPPING;
    this.#handedBack += this.#intake.jobs;
    this.#context.stats.handedBack += this.#intake.jobs;
    this.#cause ??= new StoreError("Cannot tell whether jobs are stored", { code: "failed" });
    this.#leave();
  }

  #handBack({ line }: Parcel, error: unknown): void {
    this.#context.stats.handedBack++;
    this.#handedBack++;
    this.#cause = error;
    this.#farewell ??= "Cannot take all lines as the store takes no more";
    this.#answers.refuse(line, "Cannot take job as the store takes no more");
  }

  #refuse(line: number, { reason, text }: { reason: string; text: Uint8Array }): void {
    const { stats, deadLines, loop } = this.#context;
    stats.badLines++;
    const from = formatAddress(this.#stream.remoteAddress);
    deadLines.add({ at: loop.wallNow(), from, reason, line: text });
    this.#answers.refuse(line, reason);
    if (!this.#ended) this.#answers.delay();
  }
}
