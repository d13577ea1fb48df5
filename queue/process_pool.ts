import type { EventLoop, Handle } from "../loop/mod.ts";
import type { JobBody } from "./job_body.ts";
import type { JobContext } from "./job_context.ts";
import type { JobExecutor } from "./job_executor.ts";
import { JobProcessError } from "./job_process_error.ts";
import type { FromProcess, ToProcess } from "./process_message.ts";

/** How soon a process that could not be started is tried again; twice as long each time. */
const RESPAWN_MS = 500;
const MAX_RESPAWN_MS = 30_000;

/** A process that runs one job at a time. */
export interface JobProcess {
  /** Tells the process something. */
  send(message: ToProcess): void;
  /** Ends the process at once. */
  kill(): void;
  /** Lets the process end by itself. */
  release(): void;
}

/** What a process tells its pool. */
export interface JobProcessHandlers {
  /** It has said something. */
  onMessage(message: FromProcess): void;
  /** It is gone; the last call. */
  onExit(how: string): void;
}

/** Options of {@linkcode ProcessPool}. */
export interface ProcessPoolOptions {
  /** Starts a process. */
  spawn: (handlers: JobProcessHandlers) => JobProcess;
  /** The loop whose clock the pool lives by. */
  loop: EventLoop;
  /**
   * How long a process may give no sign of life, in milliseconds; 0 for as long as it likes.
   *
   * @default {30_000}
   */
  heartbeatTimeoutMs?: number;
  /**
   * Jobs that a process runs until another takes its place; 0 for no limit.
   *
   * @default {0}
   */
  maxJobs?: number;
}

/** A job that a process is running. */
interface Run {
  readonly ctx: JobContext;
  resolve(result: string | undefined): void;
  reject(error: JobProcessError): void;
}

/** A process of the pool. */
class Member implements JobProcessHandlers {
  readonly process: JobProcess;
  readonly #pool: { onIdle(member: Member): void; onGone(member: Member, how: string): void };
  readonly #loop: EventLoop;
  readonly #heartbeatTimeoutMs: number;
  #timer: Handle | null = null;
  #seenAt: number;
  run: Run | null = null;
  isReady = false;
  /** Why it is being killed. */
  verdict: string | null = null;
  jobs = 0;

  constructor(
    pool: { onIdle(member: Member): void; onGone(member: Member, how: string): void },
    options: Required<Pick<ProcessPoolOptions, "spawn" | "loop" | "heartbeatTimeoutMs">>,
  ) {
    this.#pool = pool;
    this.#loop = options.loop;
    this.#heartbeatTimeoutMs = options.heartbeatTimeoutMs;
    this.#seenAt = this.#loop.now();
    this.process = options.spawn(this);
    this.#watch();
  }

  /** Runs a job; the process must be ready and idle. */
  start(run: Run, body: JobBody): void {
    const { id, attempt, maxAttempts } = run.ctx;
    this.run = run;
    this.jobs++;
    this.process.send({ kind: "run", id, body, attempt, maxAttempts });
  }

  /** Kills the process, and with it its job. */
  kill(why: string): void {
    this.verdict ??= why;
    this.process.kill();
  }

  onMessage(message: FromProcess): void {
    this.#seenAt = this.#loop.now();
    if (message.kind === "ready") {
      this.isReady = true;
      this.#pool.onIdle(this);
    } else if ("id" in message && message.id === this.run?.ctx.id) this.#hear(this.run, message);
  }

  onExit(exit: string): void {
    this.#timer?.cancel();
    const { run, verdict } = this;
    this.run = null;
    const how = verdict === null ? "ended" : "killed";
    run?.reject(
      new JobProcessError(verdict ?? `The process of the job has ended: ${exit}`, { how }),
    );
    this.#pool.onGone(this, exit);
  }

  #hear(run: Run, message: FromProcess): void {
    const { ctx } = run;
    if (message.kind === "touch") ctx.touch();
    else if (message.kind === "progress") ctx.progress(message.value);
    else if (message.kind === "release") ctx.release(message.options);
    else if (message.kind === "bury") ctx.bury(message.reason);
    else if (message.kind === "done") {
      this.#end();
      run.resolve(message.result);
    } else if (message.kind === "failed") {
      const { name, isHopeless } = message;
      this.#end();
      run.reject(new JobProcessError(message.message, { how: "thrown", name, isHopeless }));
    }
  }

  #end(): void {
    this.run = null;
    this.#pool.onIdle(this);
  }

  #watch(): void {
    if (this.#heartbeatTimeoutMs <= 0) return;
    const at = this.#seenAt + this.#heartbeatTimeoutMs;
    if (at <= this.#loop.now()) {
      this.kill(`The process gave no sign of life for ${this.#heartbeatTimeoutMs} ms`);
    } else this.#timer = this.#loop.callAt(at, () => this.#watch());
  }
}

/**
 * Runs each job in a process, of which there are as many as jobs that run at a
 * time. A job that does not heed its signal is killed with its process, and one that
 * kills its process fails alone.
 */
export class ProcessPool implements JobExecutor, AsyncDisposable {
  readonly #options: ProcessPoolOptions;
  readonly #members = new Set<Member>();
  readonly #waiting: ((member: Member) => void)[] = [];
  #starting = 0;
  #respawnMs = RESPAWN_MS;
  #closed = false;
  #empty: PromiseWithResolvers<void> | null = null;
  /** Told when a process could not be started. */
  onFailure: ((how: string) => void) | undefined;

  /**
   * Makes a pool without processes.
   *
   * @param options See {@linkcode ProcessPoolOptions}.
   */
  constructor(options: ProcessPoolOptions) {
    this.#options = options;
  }

  /** How many processes there are. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Starts processes ahead of jobs.
   *
   * @param count How many.
   * @returns Once one of them is ready.
   */
  async start(count: number): Promise<void> {
    const first = Promise.withResolvers<Member>();
    this.#waiting.push(first.resolve);
    for (let i = 0; i < count; i++) this.#spawn();
    this.#put(await first.promise);
  }

  /** Runs a job in an idle process, or a new one. */
  async run(body: JobBody, ctx: JobContext): Promise<string | undefined> {
    const member = await this.#idleMember(ctx.signal);
    const abort = (): void => {
      const { name, message } = ctx.signal.reason as DOMException;
      member.process.send({ kind: "abort", id: ctx.id, name, message });
    };
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    ctx.signal.addEventListener("abort", abort, { once: true });
    try {
      member.start({ ctx, resolve, reject }, body);
      return await promise;
    } finally {
      ctx.signal.removeEventListener("abort", abort);
    }
  }

  /** Kills the process that runs a job. */
  kill(id: number): boolean {
    for (const member of this.#members) {
      if (member.run?.ctx.id !== id) continue;
      member.kill("The job went on although it was aborted, and was killed");
      return true;
    }
    return false;
  }

  /** Lets all processes end; those that run a job are killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#members.size === 0) return;
    this.#empty = Promise.withResolvers();
    for (const member of this.#members) {
      if (member.run === null && member.isReady) member.process.release();
      else member.kill("The pool was closed");
    }
    await this.#empty.promise;
  }

  #idleMember(signal: AbortSignal): Promise<Member> {
    for (const member of this.#members) {
      if (member.isReady && member.run === null && this.#waiting.length === 0) {
        return Promise.resolve(member);
      }
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      const take = (member: Member): void => {
        signal.removeEventListener("abort", abort);
        resolve(member);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(take);
      if (this.#starting < this.#waiting.length) this.#spawn();
    });
  }

  #spawn(): void {
    const { spawn, loop, heartbeatTimeoutMs = 30_000 } = this.#options;
    this.#starting++;
    const pool = {
      onIdle: (member: Member) => this.#put(member),
      onGone: (member: Member, how: string) => this.#lose(member, how),
    };
    this.#members.add(new Member(pool, { spawn, loop, heartbeatTimeoutMs }));
  }

  #put(member: Member): void {
    const { maxJobs = 0 } = this.#options;
    if (member.jobs === 0) {
      this.#starting = Math.max(0, this.#starting - 1);
      this.#respawnMs = RESPAWN_MS;
    }
    if (maxJobs > 0 && member.jobs >= maxJobs) {
      member.isReady = false;
      member.process.release();
      return;
    }
    this.#waiting.shift()?.(member);
  }

  #lose(member: Member, how: string): void {
    this.#members.delete(member);
    if (this.#closed) {
      if (this.#members.size === 0) this.#empty?.resolve();
      return;
    }
    if (member.isReady || member.jobs > 0) {
      if (this.#waiting.length > this.#starting) this.#spawn();
      return;
    }
    this.onFailure?.(how);
    const { loop } = this.#options;
    loop.callLater(this.#respawnMs, () => {
      this.#starting--;
      if (!this.#closed && this.#waiting.length > this.#starting) this.#spawn();
    });
    this.#respawnMs = Math.min(MAX_RESPAWN_MS, 2 * this.#respawnMs);
  }
}
