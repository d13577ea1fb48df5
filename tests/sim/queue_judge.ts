import { assert, assertEquals } from "@std/assert";
import type { ReservedJob } from "../../queue/mod.ts";
import { textOf } from "../queue/conformance/world.ts";

/** What is known of a job from outside. */
interface Known {
  /** Whether its push was acknowledged, refused, or cut off by a crash. */
  push: "acknowledged" | "refused" | "unknown";
  /** Whether it may be dropped by itself. */
  readonly mayExpire: boolean;
  /** Whether its end was acknowledged. */
  ended: boolean;
  /** Whether its end was asked for, and never answered. */
  mayHaveEnded: boolean;
  reserved: number;
}

/** Watches a store from outside, and tells when it breaks its word. */
export class QueueJudge {
  readonly #jobs = new Map<string, Known>();
  /** Reservations in force, of the program that runs now. */
  readonly #held = new Map<string, ReservedJob>();
  crashes = 0;

  get size(): number {
    return this.#jobs.size;
  }

  /** A job is about to be pushed. */
  pushing(text: string, mayExpire: boolean): void {
    const known: Known = {
      push: "unknown",
      mayExpire,
      ended: false,
      mayHaveEnded: false,
      reserved: 0,
    };
    this.#jobs.set(text, known);
  }

  /** The push was answered. */
  pushed(text: string, push: "acknowledged" | "refused"): void {
    this.#of(text).push = push;
  }

  /** The store has given a job out. */
  reserved(job: ReservedJob, now: number): void {
    const text = textOf(job);
    const known = this.#of(text);
    assert(known.push !== "refused", `${text} was refused, and is there`);
    assert(!known.ended, `${text} has ended, and was given out again`);
    const other = this.#held.get(text);
    assert(other === undefined || other.deadline <= now, `${text} was given out twice`);
    known.reserved++;
    assert(job.attempts >= 1, `${text} was given out without an attempt`);
    this.#held.set(text, job);
  }

  /** The reservation is over, or is about to be. */
  letGo(job: ReservedJob): void {
    const text = textOf(job);
    if (this.#held.get(text) === job) this.#held.delete(text);
  }

  /** The end of a job is asked for. */
  ending(text: string): void {
    this.#of(text).mayHaveEnded = true;
  }

  /** The end of a job was acknowledged. */
  ended(text: string): void {
    this.#of(text).ended = true;
  }

  /** The program has crashed. */
  crashed(): void {
    this.crashes++;
    this.#held.clear();
  }

  /** Nothing is left in the store: all that was acknowledged must have ended. */
  conclude(): void {
    const lost: string[] = [];
    for (const [text, known] of this.#jobs) {
      const isExcused = known.ended || known.mayHaveEnded || known.mayExpire;
      if (known.push === "acknowledged" && !isExcused) lost.push(text);
    }
    assertEquals(lost, []);
  }

  #of(text: string): Known {
    const known = this.#jobs.get(text);
    assert(known !== undefined, `${text} was never pushed`);
    return known;
  }
}
