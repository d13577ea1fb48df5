import { Socket } from "node:net";
import { Channel } from "./_channel.ts";
import {
  decodeToWorker,
  encodeControl,
  type ToSupervisor,
  type ToWorker,
} from "./_control_message.ts";
import { FrameKind } from "./_frame.ts";
import type { WorkerConfig } from "./_worker_config.ts";

/** The descriptor of the channel to the supervisor. */
const CHANNEL_FD = 3;

/** What a worker exits with when its supervisor is gone. */
export const ORPHAN_EXIT_CODE = 70;

/** What a program has to do before its process may end. */
export type RetireCallback = () => void | Promise<void>;

/** What the program of a worker wants to hear. */
export interface LinkListener {
  /** New connections go to others: kept-alive ones should end. */
  onDrain?(): void;
  /** The worker has to finish its work and end. */
  onRetire?(): void;
  /** Log files have to be opened again. */
  onReopen?(): void;
  /** The supervisor's program sent bytes, valid only during the call. */
  onMessage?(bytes: Uint8Array<ArrayBuffer>): void;
  /** A message of the bus came, valid only during the call. */
  onPublish?(payload: Uint8Array<ArrayBuffer>): void;
}

/**
 * A worker's end of the channel to its supervisor. It answers pings and ends the process when it
 * is told to or the supervisor is gone; it never keeps a process running that has nothing to do.
 */
export class WorkerLink {
  /** Requests served so far. */
  requests = 0;
  readonly #channel: Channel;
  readonly #listeners = new Set<LinkListener>();
  readonly #retirees: RetireCallback[] = [];
  #retiring = false;
  #failed = false;
  readonly #configured = Promise.withResolvers<void>();
  #config!: WorkerConfig;

  private constructor() {
    this.#channel = new Channel(new Socket({ fd: CHANNEL_FD }), {
      onFrame: (kind, payload) => this.#hear(kind, payload),
      onClose: () => Deno.exit(ORPHAN_EXIT_CODE),
    });
  }

  /** Opens the channel and waits for the configuration. */
  static async open(): Promise<WorkerLink> {
    const link = new WorkerLink();
    await link.#configured.promise;
    return link;
  }

  /** What the supervisor said first. */
  get config(): WorkerConfig {
    return this.#config;
  }

  /** Begins to tell `listener` what comes. */
  listen(listener: LinkListener): void {
    this.#listeners.add(listener);
  }

  /** Adds what has to be done before the process may end. */
  onRetire(callback: RetireCallback): void {
    this.hold();
    this.#retirees.push(callback);
  }

  /** Tells the supervisor something. */
  tell(message: ToSupervisor): void {
    this.#channel.send(FrameKind.control, encodeControl(message));
  }

  /** Sends a frame; `false` when it was not taken. */
  send(kind: FrameKind, payload: Uint8Array): boolean {
    return this.#channel.send(kind, payload);
  }

  /** Resolves once all that was sent has left. */
  drained(): Promise<void> {
    return this.#channel.drained();
  }

  /** Keeps the process running as long as the supervisor wants it. */
  hold(): void {
    this.#channel.ref();
  }

  /** Lets the process end by itself. */
  release(): void {
    this.#channel.unref();
  }

  /** Says why the worker can't work, and ends it once that was heard. */
  fail(reason: string): Promise<never> {
    this.#failed = true;
    return this.#sayLast({ type: "failed", reason });
  }

  // The supervisor says stop then. If it wrote to a process that has ended, it would lose what it
  // still has to read from it.
  #sayLast(message: ToSupervisor): Promise<never> {
    this.hold();
    this.tell(message);
    return new Promise(() => {});
  }

  #hear(kind: FrameKind, payload: Uint8Array<ArrayBuffer>): void {
    if (kind === FrameKind.control) {
      const message = decodeToWorker(payload);
      if (message !== null) this.#obey(message);
      return;
    }
    for (const listener of this.#listeners) {
      if (kind === FrameKind.message) listener.onMessage?.(payload);
      else listener.onPublish?.(payload);
    }
  }

  #obey(message: ToWorker): void {
    switch (message.type) {
      case "ping":
        return this.tell({
          type: "pong",
          rssBytes: Deno.memoryUsage().rss,
          requests: this.requests,
        });
      case "stop":
        return Deno.exit(this.#failed ? 1 : 0);
      case "drain":
        return this.#listeners.forEach((listener) => listener.onDrain?.());
      case "retire":
        return void this.#retire();
      case "reopen":
        return this.#listeners.forEach((listener) => listener.onReopen?.());
      case "config":
        this.#config = message.config;
        return this.#configured.resolve();
    }
  }

  async #retire(): Promise<void> {
    if (this.#retiring) return;
    this.#retiring = true;
    this.#listeners.forEach((listener) => listener.onRetire?.());
    const results = await Promise.allSettled(
      this.#retirees.map(async (callback) => await callback()),
    );
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) await this.fail(`it could not finish: ${failure.reason}`);
    await this.#sayLast({ type: "done" });
  }
}
