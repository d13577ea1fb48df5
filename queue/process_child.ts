import type { JobContext } from "./job_context.ts";
import { JobDataError } from "./job_data_error.ts";
import type { JobExecutor } from "./job_executor.ts";
import type { ReleaseOptions } from "./job_store.ts";
import type { FromProcess, ToProcess } from "./process_message.ts";

/** A job in a process of a pool: what it asks for is told to the pool. */
class ChildContext implements JobContext {
  readonly id: number;
  readonly name: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly #controller = new AbortController();
  readonly #send: (message: FromProcess) => void;

  constructor(run: ToProcess & { kind: "run" }, send: (message: FromProcess) => void) {
    this.id = run.id;
    this.name = run.body.job;
    this.attempt = run.attempt;
    this.maxAttempts = run.maxAttempts;
    this.#send = send;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: DOMException): void {
    this.#controller.abort(reason);
  }

  progress(value: unknown): void {
    this.#send({ kind: "progress", id: this.id, value });
  }

  touch(): void {
    this.#send({ kind: "touch", id: this.id });
  }

  release(options: ReleaseOptions = {}): void {
    this.#send({ kind: "release", id: this.id, options });
  }

  bury(reason?: string): void {
    this.#send({ kind: "bury", id: this.id, reason });
  }
}

/** The inside of a process of a pool. */
export class ProcessChild {
  readonly #executor: JobExecutor;
  readonly #send: (message: FromProcess) => void;
  readonly #running = new Map<number, ChildContext>();
  readonly #idle: (() => void)[] = [];

  /**
   * Tells the pool that the process is ready.
   *
   * @param executor What runs the jobs.
   * @param send The way to the pool.
   */
  constructor(executor: JobExecutor, send: (message: FromProcess) => void) {
    this.#executor = executor;
    this.#send = send;
    send({ kind: "ready" });
  }

  /** Does what the pool says. */
  async receive(message: ToProcess): Promise<void> {
    if (message.kind === "run") return await this.#run(message);
    this.#running.get(message.id)?.abort(new DOMException(message.message, message.name));
  }

  /** Resolves when no job runs. */
  async whenIdle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #run(message: ToProcess & { kind: "run" }): Promise<void> {
    const { id, body } = message;
    const ctx = new ChildContext(message, this.#send);
    this.#running.set(id, ctx);
    try {
      const result = await this.#executor.run(body, ctx);
      this.#send({ kind: "done", id, result });
    } catch (error) {
      const { name, message: text } = error instanceof Error ? error : new TypeError(String(error));
      const isHopeless = error instanceof JobDataError;
      this.#send({ kind: "failed", id, name, message: text, isHopeless });
    } finally {
      this.#running.delete(id);
      if (this.#running.size === 0) { for (const resolve of this.#idle.splice(0)) resolve(); }
    }
  }
}
