import { assertEquals } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import type { JobStore, NewJob, ReservedJob, StoredJob } from "../../../queue/mod.ts";
import { ManualPoller } from "../manual_poller.ts";

/** Limits that a test may set. */
export interface StoreLimits {
  maxJobs?: number;
  maxJobBytes?: number;
}

/** Opens a store on a loop; it may hold what an earlier one has left. */
export type OpenStore = (loop: EventLoop, limits: StoreLimits) => Promise<JobStore>;

/** What a store needs whose jobs are in another process. */
export interface WorldOptions {
  /** Waits until the store has done what it was asked for and what is due. */
  settle?: (store: JobStore) => Promise<void>;
  /** Called when the store is closed. */
  afterwards?: (store: JobStore) => Promise<void>;
}

/** A store and the clock that it lives by. */
export class World implements AsyncDisposable {
  readonly poller: ManualPoller = new ManualPoller();
  readonly errors: unknown[] = [];
  readonly loop: EventLoop = new EventLoop({
    poller: this.poller,
    onError: (error) => void this.errors.push(error),
  });
  readonly #options: WorldOptions;
  store!: JobStore;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  static async open(
    open: OpenStore,
    limits: StoreLimits = {},
    options: WorldOptions = {},
  ): Promise<World> {
    const world = new World(options);
    world.store = await open(world.loop, limits);
    return world;
  }

  /** Moves the clock. */
  async advance(ms: number): Promise<void> {
    await this.poller.advance(ms);
    await this.#options.settle?.(this.store);
  }

  /** Pushes a job with a text for its body. */
  async push(text: string, job: Omit<NewJob, "body"> = {}): Promise<number> {
    return (await this.store.push({ ...job, body: bytesOf(text) })).id;
  }

  /** Reserves what there is, without waiting. */
  async take(tubes: string | string[] = "default", max = 1): Promise<ReservedJob[]> {
    return await this.store.reserve({ tubes: [tubes].flat(), max, timeoutMs: 0 });
  }

  /** Reserves the job that there is, without waiting. */
  async takeOne(tube = "default"): Promise<ReservedJob> {
    const jobs = await this.take(tube);
    assertEquals(jobs.length, 1);
    return jobs[0];
  }

  /** Waits for a job. */
  async waitForOne(tube = "default"): Promise<ReservedJob> {
    const [job] = await this.store.reserve({ tubes: [tube] });
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.#options.afterwards?.(this.store);
    await this.loop[Symbol.asyncDispose]();
    assertEquals(this.errors, []);
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(job: StoredJob | null): string {
  return job === null ? "none" : new TextDecoder().decode(job.body);
}

export function textsOf(jobs: readonly StoredJob[]): string[] {
  return jobs.map(textOf);
}
