/**
 * Lets tasks with the same key run one after the other. Those of other
 * processes are not held up: they are told apart by the store's versions.
 */
export class TurnQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** How many keys have a task that runs or waits. */
  get size(): number {
    return this.#last.size;
  }

  /** Runs a task once those before it with the same key have ended, in whatever way. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? task() : before.then(task);
    const settled = (): void => {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    };
    const ended = result.then(settled, settled);
    this.#last.set(key, ended);
    return result;
  }
}
