import type { EventLoop, Handle } from "../loop/mod.ts";
import { backoffMs } from "./_backoff.ts";
import type { Channel } from "./_channel.ts";
import type { Message } from "./message.ts";

/** The longest wait between two tries. */
const MAX_RESEND_MS = 1000;

/** Options of {@linkcode Exchange}. */
export interface ExchangeOptions {
  /** The loop. */
  loop: EventLoop;
  /** The way to the server. */
  channel: Channel;
  /** What to send, by id. */
  requests: ReadonlyMap<string, Message>;
  /** Whether a message of the server answers a request. */
  answers: (message: Message, request: Message) => boolean;
  /** When to give up. */
  timeoutMs: number;
  /** Gives up. */
  signal?: AbortSignal;
}

/** Sends requests and sends them again until each is answered or time is up. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #open: Map<string, Message>;
  readonly #answers = new Map<string, Message>();
  readonly #done = Promise.withResolvers<Map<string, Message>>();
  #attempt = 0;
  #finished = false;
  #resend: Handle | null = null;
  #deadline: Handle;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#open = new Map(options.requests);
    this.#deadline = options.loop.callLater(options.timeoutMs, () => this.#finish());
    options.signal?.addEventListener("abort", this.#abort);
  }

  /** Begins to send; time has been running since this was made. */
  start(): void {
    if (!this.#finished) this.#try();
  }

  /** Gives up with an error. */
  fail(error: unknown): void {
    this.#done.reject(error);
    this.#finish();
  }

  /**
   * The answers by id when all are there or time is up.
   *
   * @throws What it failed with, the reason of the signal when that is aborted.
   */
  get done(): Promise<Map<string, Message>> {
    return this.#done.promise;
  }

  /** Takes a message of the server. */
  receive(message: Message): void {
    const request = this.#open.get(message.id);
    if (request === undefined || !this.#options.answers(message, request)) return;
    this.#open.delete(message.id);
    this.#answers.set(message.id, message);
    if (this.#open.size === 0) this.#finish();
  }

  /** Gives up; what was answered counts. */
  close(): void {
    this.#finish();
  }

  #try(): void {
    const { loop, channel } = this.#options;
    if (this.#attempt > 0) channel.rotate();
    channel.send(this.#open.values());
    const delayMs = backoffMs(this.#attempt++, { mostMs: MAX_RESEND_MS, random: loop.random });
    this.#resend = loop.callLater(delayMs, () => this.#try());
  }

  #abort = (): void => this.fail(this.#options.signal!.reason);

  #finish(): void {
    this.#finished = true;
    this.#deadline.cancel();
    this.#resend?.cancel();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#done.resolve(this.#answers);
  }
}
