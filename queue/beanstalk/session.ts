import { JobTooBigError } from "../job_too_big_error.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { DEFAULT_TUBE, type StoredJob } from "../stored_job.ts";
import type { Command, CommandOf } from "./command.ts";
import { reportJob, reportNames, reportServer, reportTube } from "./report.ts";
import { Reservations } from "./reservations.ts";
import type { ServerState } from "./server_state.ts";

/** What is answered: a line without its end, with a chunk of data or without. */
export interface Reply {
  /** The line. */
  readonly line: string;
  /** The data. */
  readonly data?: Uint8Array;
}

const encoder = new TextEncoder();
const NOT_FOUND: Reply = { line: "NOT_FOUND" };
const OUT_OF_MEMORY: Reply = { line: "OUT_OF_MEMORY" };
/** Most tubes that a session watches. */
const MAX_WATCHED = 10_000;

/** Commands whose answer doesn't wait for a job. */
export type Single = Exclude<Command, { readonly op: "reserve" | "reserve-with-timeout" | "quit" }>;

/** What one connection uses, watches and has reserved, and the commands that it gives. */
export class Session {
  readonly #state: ServerState;
  readonly #watched = new Set<string>();
  readonly #reservations: Reservations;
  #used = DEFAULT_TUBE;
  #isProducer = false;
  #isWorker = false;

  /**
   * @param state What it shares with other sessions.
   */
  constructor(state: ServerState) {
    this.#state = state;
    this.#reservations = new Reservations(state.loop, state.maxReservedJobs);
    state.connections++;
    state.totalConnections++;
    state.tubes.open(this.#used).using++;
    this.#watch(DEFAULT_TUBE);
  }

  /** Carries a command out. Fails only when the store does. */
  async execute(command: Single): Promise<Reply> {
    const { store, tubes } = this.#state;
    switch (command.op) {
      case "fault":
        return { line: command.reply };
      case "put":
        return await this.#put(command);
      case "use":
        return this.#use(command.tube);
      case "watch":
        if (this.#watched.size >= MAX_WATCHED) return this.#overLimit();
        this.#watch(command.tube);
        return { line: `WATCHING ${this.#watched.size}` };
      case "ignore":
        return this.#ignore(command.tube);
      case "delete":
        return await this.#delete(command.id);
      case "release":
      case "bury":
        return await this.#giveBack(command);
      case "touch": {
        const job = this.#reservations.find(command.id);
        const isTouched = job !== undefined && await store.touch(job);
        return isTouched ? { line: "TOUCHED" } : NOT_FOUND;
      }
      case "kick":
        return { line: `KICKED ${await store.kick(this.#used, command.count)}` };
      case "kick-job":
        return await store.kickJob(command.id) ? { line: "KICKED" } : NOT_FOUND;
      case "pause-tube":
        if (!this.#state.hasTube(command.tube)) return NOT_FOUND;
        await store.pause(command.tube, command.delayMs);
        tubes.prune(command.tube);
        return { line: "PAUSED" };
      case "reserve-job":
        return await this.#reserveJob(command.id);
      default:
        return await this.#look(command);
    }
  }

  /**
   * Reserves jobs of the tubes that are watched.
   *
   * @param timeoutMs How long to wait for the first job.
   * @param options How many jobs at most, and what ends the waiting.
   * @returns An answer for each job, or one that there is none.
   */
  async reserve(
    timeoutMs: number,
    options: { max: number; signal: AbortSignal },
  ): Promise<Reply[]> {
    const { store, loop } = this.#state;
    if (!this.#isWorker) this.#state.workers++;
    this.#isWorker = true;
    const tubes = [...this.#watched];
    const { signal } = options;
    const max = Math.min(options.max, this.#reservations.room());
    if (max < 1) return [this.#overLimit()];
    let jobs = await store.reserve({ tubes, max, timeoutMs: 0, durable: false });
    if (jobs.length === 0) {
      const marginAt = this.#reservations.marginAt();
      const isSoon = (): boolean => marginAt <= loop.now();
      if (isSoon()) return [{ line: "DEADLINE_SOON" }];
      if (timeoutMs <= 0 || signal.aborted) return [{ line: "TIMED_OUT" }];
      const waitMs = Math.min(timeoutMs, marginAt - loop.now());
      jobs = await this.#wait(tubes, waitMs, signal);
      if (jobs.length === 0) return [{ line: isSoon() ? "DEADLINE_SOON" : "TIMED_OUT" }];
    }
    return jobs.map((job) => {
      this.#reservations.add(job);
      return withBody("RESERVED", job);
    });
  }

  /** Ends the session: what it has reserved is given back. */
  async close(): Promise<void> {
    const state = this.#state;
    state.connections--;
    if (this.#isProducer) state.producers--;
    if (this.#isWorker) state.workers--;
    state.tubes.open(this.#used).using--;
    state.tubes.prune(this.#used);
    for (const tube of this.#watched) this.#unwatch(tube);
    await this.#reservations.releaseAll(state.store);
  }

  #overLimit(): Reply {
    this.#state.overLimit++;
    return OUT_OF_MEMORY;
  }

  async #wait(tubes: string[], timeoutMs: number, signal: AbortSignal): Promise<ReservedJobs> {
    const { store, tubes: book } = this.#state;
    this.#state.waiting++;
    for (const tube of tubes) book.open(tube).waiting++;
    try {
      return await store.reserve({ tubes, timeoutMs, durable: false, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return [];
    } finally {
      this.#state.waiting--;
      for (const tube of tubes) book.open(tube).waiting--;
    }
  }

  async #put(command: CommandOf<"put">): Promise<Reply> {
    const { store, tubes, draining } = this.#state;
    if (!this.#isProducer) this.#state.producers++;
    this.#isProducer = true;
    if (draining) return { line: "DRAINING" };
    const { body, priority, delayMs, ttrMs } = command;
    const tube = this.#used;
    try {
      const { id } = await store.push({ body, tube, priority, delayMs, ttrMs });
      tubes.open(tube).puts++;
      return { line: `INSERTED ${id}` };
    } catch (error) {
      if (error instanceof QueueFullError) return OUT_OF_MEMORY;
      if (error instanceof JobTooBigError) return { line: "JOB_TOO_BIG" };
      throw error;
    }
  }

  #use(tube: string): Reply {
    const { tubes } = this.#state;
    tubes.open(tube).using++;
    tubes.open(this.#used).using--;
    tubes.prune(this.#used);
    this.#used = tube;
    return { line: `USING ${tube}` };
  }

  #watch(tube: string): void {
    if (this.#watched.has(tube)) return;
    this.#watched.add(tube);
    this.#state.tubes.open(tube).watching++;
  }

  #unwatch(tube: string): void {
    this.#watched.delete(tube);
    this.#state.tubes.open(tube).watching--;
    this.#state.tubes.prune(tube);
  }

  #ignore(tube: string): Reply {
    if (this.#watched.has(tube)) {
      if (this.#watched.size === 1) return { line: "NOT_IGNORED" };
      this.#unwatch(tube);
    }
    return { line: `WATCHING ${this.#watched.size}` };
  }

  async #delete(id: number): Promise<Reply> {
    const { store, tubes } = this.#state;
    const reserved = this.#reservations.find(id);
    const job = reserved ?? await store.peek(id);
    if (job === null) return NOT_FOUND;
    const { tube } = job;
    const isDeleted = reserved ? await store.complete(reserved) : await store.delete(id);
    if (!isDeleted) return NOT_FOUND;
    this.#reservations.drop(id);
    tubes.open(tube).deletes++;
    tubes.prune(tube);
    return { line: "DELETED" };
  }

  async #giveBack(command: CommandOf<"release" | "bury">): Promise<Reply> {
    const { store } = this.#state;
    const job = this.#reservations.find(command.id);
    if (job === undefined) return NOT_FOUND;
    const isDone = command.op === "release"
      ? await store.release(job, { priority: command.priority, delayMs: command.delayMs })
      : await store.bury(job, { priority: command.priority });
    if (!isDone) return NOT_FOUND;
    this.#reservations.drop(command.id);
    return { line: command.op === "release" ? "RELEASED" : "BURIED" };
  }

  async #reserveJob(id: number): Promise<Reply> {
    if (this.#reservations.room() < 1) return this.#overLimit();
    const job = await this.#state.store.reserveJob(id, { durable: false });
    if (job === null) return NOT_FOUND;
    this.#reservations.add(job);
    return withBody("RESERVED", job);
  }

  /** Commands that change nothing. */
  async #look(
    command: CommandOf<
      | "peek"
      | "peek-ready"
      | "peek-delayed"
      | "peek-buried"
      | "stats"
      | "stats-job"
      | "stats-tube"
      | "list-tubes"
      | "list-tube-used"
      | "list-tubes-watched"
    >,
  ): Promise<Reply> {
    const { store } = this.#state;
    switch (command.op) {
      case "peek":
        return found(await store.peek(command.id));
      case "peek-ready":
        return found(await store.peekNext(this.#used, "ready"));
      case "peek-delayed":
        return found(await store.peekNext(this.#used, "delayed"));
      case "peek-buried":
        return found(await store.peekNext(this.#used, "buried"));
      case "stats":
        return withText(reportServer(this.#state));
      case "stats-tube":
        return withText(reportTube(this.#state, command.tube));
      case "stats-job": {
        const job = await store.peek(command.id);
        return withText(job === null ? null : reportJob(this.#state, job));
      }
      case "list-tubes":
        return withText(reportNames(this.#state.tubeNames()));
      case "list-tubes-watched":
        return withText(reportNames(this.#watched));
      case "list-tube-used":
        return { line: `USING ${this.#used}` };
    }
  }
}

type ReservedJobs = Awaited<ReturnType<ServerState["store"]["reserve"]>>;

function found(job: StoredJob | null): Reply {
  return job === null ? NOT_FOUND : withBody("FOUND", job);
}

function withBody(word: string, { id, body }: StoredJob): Reply {
  return { line: `${word} ${id} ${body.length}`, data: body };
}

function withText(text: string | null): Reply {
  if (text === null) return NOT_FOUND;
  const data = encoder.encode(text);
  return { line: `OK ${data.length}`, data };
}
