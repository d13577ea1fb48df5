import type { JobObserver } from "../job_store.ts";
import type { StoreError } from "../store_error.ts";
import type { JobOutcome } from "../stored_job.ts";

/** At this many outcomes, or bytes of results, those before them are forgotten. */
const MAX_RECENT = 5000;
const MAX_RECENT_BYTES = 2_097_152;

function sizeOf(outcome: JobOutcome): number {
  return outcome.state === "completed" ? outcome.result?.length ?? 0 : 0;
}

/** Those who observe jobs, and how the latest jobs ended, for those who ask late. */
export class OutcomeBoard {
  readonly #observers = new Map<number, Set<JobObserver>>();
  #recent = new Map<number, JobOutcome>();
  #older = new Map<number, JobOutcome>();
  #recentBytes = 0;

  /** Tells of a job from now on, and of its outcome when that is remembered. */
  observe(id: number, observer: JobObserver): Disposable {
    const outcome = this.recall(id);
    if (outcome !== null) {
      observer.settled?.(outcome);
      return { [Symbol.dispose]() {} };
    }
    const observers = this.#observers.get(id) ?? new Set();
    this.#observers.set(id, observers.add(observer));
    return {
      [Symbol.dispose]: () => {
        observers.delete(observer);
        if (observers.size === 0 && this.#observers.get(id) === observers) {
          this.#observers.delete(id);
        }
      },
    };
  }

  /** The outcome of a job, when it is remembered. */
  recall(id: number): JobOutcome | null {
    return this.#recent.get(id) ?? this.#older.get(id) ?? null;
  }

  /** Tells how far a job is. */
  progress(id: number, value: Uint8Array): void {
    for (const observer of this.#observers.get(id) ?? []) observer.progress?.(value);
  }

  /** Tells how a job ended. */
  settle(id: number, outcome: JobOutcome): void {
    this.#recent.set(id, outcome);
    this.#recentBytes += sizeOf(outcome);
    if (this.#recent.size >= MAX_RECENT || this.#recentBytes >= MAX_RECENT_BYTES) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#recentBytes = 0;
    }
    const observers = this.#observers.get(id);
    if (observers === undefined) return;
    this.#observers.delete(id);
    for (const observer of observers) observer.settled?.(outcome);
  }

  /** Tells all who observe that nothing more is known. */
  close(error: StoreError): void {
    const observers = [...this.#observers.values()];
    this.#observers.clear();
    for (const some of observers) for (const observer of some) observer.lost?.(error);
  }

  /** Forgets how a job ended that lives again. */
  forget(id: number): void {
    this.#recent.delete(id);
    this.#older.delete(id);
  }
}
