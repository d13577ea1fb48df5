import { EventLoop } from "../../loop/mod.ts";
import type { BuryOptions, JobSource, ReleaseOptions, ReserveOptions } from "../job_store.ts";
import { StoreError } from "../store_error.ts";
import type { ReservedJob } from "../stored_job.ts";
import { BeanstalkLink, type BeanstalkPlace } from "./beanstalk_link.ts";
import { jobOf } from "./job_of.ts";
import type { ServerReply } from "./reply_reader.ts";

/** Jobs asked for in one go. */
const MAX_ASKED = 100;

/** Options of {@linkcode BeanstalkSource}. */
export interface BeanstalkSourceOptions {
  /**
   * The server's host.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The server's port.
   *
   * @default {11_300}
   */
  port?: number;
  /**
   * The loop to connect on.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/**
 * Takes jobs from a beanstalk server, be it `queue/server.ts` or another one. A job belongs to the
 * connection that reserved it: when that is lost, the server gives the job to somebody else, and
 * verbs on it answer `false`. There are as many connections as jobs held at most, and one more.
 * The protocol knows no reasons, results and progress, counts each reservation as an attempt, and
 * delays in whole seconds.
 *
 * @example A worker on a remote server
 * ```ts
 * import {
 *   BeanstalkServer,
 *   BeanstalkSource,
 *   defineJobs,
 *   JobQueue,
 *   JobWorker,
 *   MemoryJobStore,
 * } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * await using server = await BeanstalkServer.listen({ store, port: 0 });
 * const jobs = defineJobs({ double: (n: number) => 2 * n });
 * await new JobQueue(jobs, { store }).push("double", 21);
 *
 * const { port } = server.address as { port: number };
 * await using source = new BeanstalkSource({ port });
 * await using worker = new JobWorker(jobs, { source });
 * const done = new Promise((resolve) => worker.on("success", ({ result }) => resolve(result)));
 * assertEquals(await done, 42);
 * ```
 */
export class BeanstalkSource implements JobSource, AsyncDisposable {
  readonly #place: BeanstalkPlace;
  readonly #loop: EventLoop;
  readonly #links = new Set<BeanstalkLink>();
  readonly #holders = new Map<number, BeanstalkLink>();
  #lease = 0;
  #closed = false;

  /**
   * Makes a source, which connects when it is asked for jobs.
   *
   * @param options See {@linkcode BeanstalkSourceOptions}.
   */
  constructor(options: BeanstalkSourceOptions = {}) {
    const { hostname = "127.0.0.1", port = 11_300, loop = EventLoop.default() } = options;
    this.#place = { hostname, port };
    this.#loop = loop;
  }

  /** Reserves the most urgent ready jobs, waiting for the first if there is none. */
  async reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    const { max = 1, timeoutMs = Infinity, signal } = options;
    signal?.throwIfAborted();
    // Who holds jobs already may hold more; waiting would keep its jobs from being ended.
    const link = await this.#link((each) => !each.waiting, signal);
    const asked = Math.min(max, MAX_ASKED);
    await link.watch(options.tubes);
    const commands = Array.from({ length: asked }, () => link.ask("reserve-with-timeout 0"));
    const jobs = await this.#take(link, await Promise.all(commands));
    if (jobs.length > 0 || timeoutMs <= 0) return jobs;
    return await this.#wait(options);
  }

  /** Deletes a reserved job. */
  complete(job: ReservedJob): Promise<boolean> {
    return this.#end(job, `delete ${job.id}`, "DELETED");
  }

  /** Gives a reserved job back. */
  release(job: ReservedJob, options: ReleaseOptions = {}): Promise<boolean> {
    const { priority = job.priority, delayMs = 0 } = options;
    const seconds = Math.ceil(delayMs / 1000);
    return this.#end(job, `release ${job.id} ${priority} ${seconds}`, "RELEASED");
  }

  /** Puts a reserved job among the dead letters. */
  bury(job: ReservedJob, options: BuryOptions = {}): Promise<boolean> {
    return this.#end(job, `bury ${job.id} ${options.priority ?? job.priority}`, "BURIED");
  }

  /** Starts the time of a reservation anew. */
  async touch(job: ReservedJob): Promise<boolean> {
    const link = this.#holders.get(job.lease);
    return link !== undefined && await this.#says(link, `touch ${job.id}`, "TOUCHED");
  }

  /** Tells nobody, as the protocol can't. */
  progress(job: ReservedJob): Promise<boolean> {
    return Promise.resolve(this.#holders.has(job.lease));
  }

  /** Closes all connections: the server gives back what they held. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const link of this.#links) link.close();
    this.#links.clear();
    this.#holders.clear();
    return Promise.resolve();
  }

  async #wait({ tubes, timeoutMs = Infinity, signal }: ReserveOptions): Promise<ReservedJob[]> {
    const link = await this.#link((each) => !each.waiting && each.held === 0, signal);
    signal?.throwIfAborted();
    const abort = (): void => this.#drop(link);
    signal?.addEventListener("abort", abort, { once: true });
    link.waiting = true;
    try {
      await link.watch(tubes);
      const command = timeoutMs === Infinity
        ? "reserve"
        : `reserve-with-timeout ${Math.ceil(timeoutMs / 1000)}`;
      return await this.#take(link, [await link.ask(command)]);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      link.waiting = false;
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Finds out about the jobs that were given. */
  async #take(link: BeanstalkLink, replies: readonly ServerReply[]): Promise<ReservedJob[]> {
    const given = replies.filter(({ words }) => words[0] === "RESERVED");
    const refusal = replies.find(({ words: [word] }) => word === "DRAINING" || /ERROR/.test(word));
    if (given.length === 0 && refusal !== undefined) {
      throw new StoreError(`Cannot reserve jobs as the server answers ${refusal.words.join(" ")}`, {
        code: "failed",
      });
    }
    link.held += given.length;
    return await Promise.all(given.map(async ({ words, data }) => {
      const id = Number(words[1]);
      const { data: stats } = await link.ask(`stats-job ${id}`);
      const job = jobOf({ id, body: data!, stats, lease: ++this.#lease, loop: this.#loop });
      this.#holders.set(job.lease, link);
      return job;
    }));
  }

  async #end(job: ReservedJob, command: string, done: string): Promise<boolean> {
    const link = this.#holders.get(job.lease);
    if (link === undefined) return false;
    this.#holders.delete(job.lease);
    link.held--;
    return await this.#says(link, command, done);
  }

  /** With its connection the server has lost the reservation, too. */
  async #says(link: BeanstalkLink, command: string, done: string): Promise<boolean> {
    if (link.lost) return false;
    try {
      return (await link.ask(command)).words[0] === done;
    } catch (error) {
      if (link.lost) return false;
      throw error;
    }
  }

  async #link(
    fits: (link: BeanstalkLink) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<BeanstalkLink> {
    if (this.#closed) {
      throw new StoreError("Cannot reserve jobs as the source was closed", { code: "closed" });
    }
    for (const link of this.#links) {
      if (link.lost) this.#drop(link);
      else if (fits(link)) return link;
    }
    const { hostname, port } = this.#place;
    try {
      const link = await BeanstalkLink.open(this.#place, { loop: this.#loop, signal });
      this.#links.add(link);
      return link;
    } catch (cause) {
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StoreError(`Cannot ask ${hostname}:${port}: ${reason}`, { code: "failed", cause });
    }
  }

  #drop(link: BeanstalkLink): void {
    link.close();
    this.#links.delete(link);
    for (const [lease, holder] of this.#holders) if (holder === link) this.#holders.delete(lease);
  }
}
