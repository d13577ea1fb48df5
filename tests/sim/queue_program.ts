import type { EventLoop, RandomSource } from "../../loop/mod.ts";
import { type JobStore, type ReservedJob, StoreError } from "../../queue/mod.ts";
import { bytesOf, textOf } from "../queue/conformance/world.ts";
import type { QueueJudge } from "./queue_judge.ts";

export const TUBES = ["a", "b", "c"];

/** What a program needs to work on a store. */
export interface ProgramParts {
  readonly loop: EventLoop;
  readonly store: JobStore;
  readonly random: RandomSource;
  readonly judge: QueueJudge;
}

/** Pushes, reserves and does everything that can be done, until it is stopped or crashes. */
export class QueueProgram {
  readonly #parts: ProgramParts;
  #stopped = false;
  #pushed = 0;

  constructor(parts: ProgramParts) {
    this.#parts = parts;
  }

  /** Runs until {@linkcode stop}. */
  async run(): Promise<void> {
    const roles = [this.#produce(), this.#produce(), this.#administer()];
    for (let i = 0; i < 4; i++) roles.push(this.#consume());
    await Promise.all(roles);
  }

  stop(): void {
    this.#stopped = true;
  }

  #chance(part: number): boolean {
    return this.#parts.random.next() < part;
  }

  #below(limit: number): number {
    return Math.floor(this.#parts.random.next() * limit);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)];
  }

  /** Does something; whether the store could. */
  async #attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === "failed") return false;
      throw error;
    }
  }

  async #produce(): Promise<void> {
    const { loop } = this.#parts;
    while (!this.#stopped) {
      await Promise.all(Array.from({ length: 1 + this.#below(4) }, () => this.#push()));
      await loop.sleep(this.#below(30));
    }
  }

  async #push(): Promise<void> {
    const { store, judge, loop } = this.#parts;
    const text = `${judge.crashes}.${loop.random.next()}.${++this.#pushed}`;
    const ttlMs = this.#chance(0.05) ? 100 : 0;
    const body = bytesOf(this.#chance(0.02) ? text.padEnd(150_000, " ") : text);
    judge.pushing(textOf({ body } as never), ttlMs > 0);
    const name = textOf({ body } as never);
    const job = {
      body,
      tube: this.#pick(TUBES),
      priority: this.#pick([0, 1024, 1024, 2 ** 32 - 1]),
      delayMs: this.#chance(0.2) ? this.#below(3000) : 0,
      ttrMs: 50 + this.#below(400),
      ttlMs,
      key: this.#chance(0.2) ? `key${this.#below(20)}` : undefined,
      concurrencyKey: this.#chance(0.2) ? `lane${this.#below(3)}` : undefined,
    };
    let isStored = true;
    const done = await this.#attempt(async () => {
      isStored = !(await store.push(job)).duplicate;
    });
    judge.pushed(name, done && isStored ? "acknowledged" : "refused");
  }

  async #consume(): Promise<void> {
    const { store, judge, loop } = this.#parts;
    while (!this.#stopped) {
      const tubes = TUBES.filter(() => this.#chance(0.7));
      const options = { tubes, max: 1 + this.#below(5), durable: this.#chance(0.5) };
      let jobs: ReservedJob[] = [];
      await this.#attempt(async () => {
        jobs = await store.reserve({ ...options, timeoutMs: this.#below(200) });
      });
      for (const job of jobs) judge.reserved(job, loop.now());
      await Promise.all(jobs.map((job) => this.#work(job)));
    }
  }

  async #work(job: ReservedJob): Promise<void> {
    const { store, judge, loop } = this.#parts;
    await loop.sleep(this.#below(this.#chance(0.05) ? 800 : 40));
    if (this.#chance(0.1)) await this.#attempt(() => store.touch(job));
    const action = this.#parts.random.next();
    let isMine = false;
    if (action < 0.6) {
      await this.#finish(job);
    } else if (action < 0.75) {
      judge.letGo(job);
      const delayMs = this.#chance(0.5) ? 0 : this.#below(1000);
      await this.#attempt(async () => {
        isMine = await store.release(job, { delayMs, priority: this.#below(2000) });
      });
    } else if (action < 0.9) {
      judge.letGo(job);
      await this.#attempt(async () => {
        isMine = await store.bury(job, { reason: "a reason" });
      });
    }
    // Otherwise the lease runs out, as it does when the verb has failed.
    if (!isMine) await loop.sleep(Math.max(0, job.deadline - loop.now()));
    judge.letGo(job);
  }

  async #finish(job: ReservedJob): Promise<void> {
    const { store, judge } = this.#parts;
    judge.ending(textOf(job));
    let isMine = false;
    await this.#attempt(async () => {
      isMine = await store.complete(job);
    });
    if (isMine) judge.ended(textOf(job));
  }

  async #administer(): Promise<void> {
    const { store, loop, judge } = this.#parts;
    while (!this.#stopped) {
      const tube = this.#pick(TUBES);
      await this.#attempt(async () => {
        const action = this.#below(6);
        if (action === 0) await store.kick(tube, this.#below(10));
        else if (action === 1) await store.pause(tube, this.#below(500));
        else {
          const state = this.#pick(["ready", "delayed", "buried"] as const);
          const job = await store.peekNext(tube, state);
          if (job === null) return;
          if (action === 2) await store.kickJob(job.id);
          else if (action === 3) await store.list(tube, { state, limit: 3 });
          else if (action === 4) {
            judge.ending(textOf(job));
            if (await store.delete(job.id)) judge.ended(textOf(job));
          }
        }
      });
      await loop.sleep(this.#below(100));
    }
  }
}

/** Takes out all that is left, until nothing is. */
export async function workOff({ loop, store, judge }: ProgramParts): Promise<void> {
  for (const tube of TUBES) await store.pause(tube, 0);
  for (;;) {
    for (const tube of store.tubes()) while (await store.kick(tube, 100) > 0);
    const jobs = await store.reserve({ tubes: TUBES, max: 50, timeoutMs: 100 });
    for (const job of jobs) {
      judge.reserved(job, loop.now());
      if (await store.complete(job)) judge.ended(textOf(job));
    }
    const { ready, delayed, reserved, buried } = store.stats();
    if (ready + delayed + reserved + buried === 0) return;
  }
}
