import type { EventLoop, StreamError, StreamSocket } from "../../loop/mod.ts";
import { DEFAULT_TUBE } from "../stored_job.ts";
import { StoreError } from "../store_error.ts";
import { ReplyReader, type ServerReply } from "./reply_reader.ts";

/** The most bytes that a server may send at once: its largest job. */
const MAX_DATA_BYTES = 16_777_216;

/** Where a beanstalk server is. */
export interface BeanstalkPlace {
  /** Its host. */
  hostname: string;
  /** Its port. */
  port: number;
}

interface Question {
  resolve(reply: ServerReply): void;
  reject(error: StoreError): void;
}

const encoder = new TextEncoder();

/** A connection to a beanstalk server: answers come in the order of the commands. */
export class BeanstalkLink {
  readonly #place: BeanstalkPlace;
  readonly #questions: Question[] = [];
  readonly #reader = new ReplyReader(MAX_DATA_BYTES);
  readonly #watched = new Set<string>([DEFAULT_TUBE]);
  #stream!: StreamSocket;
  #lost: StoreError | null = null;
  /** Jobs that it holds. */
  held = 0;
  /** Whether it waits for a job, so that nothing else is answered meanwhile. */
  waiting = false;

  private constructor(place: BeanstalkPlace) {
    this.#place = place;
  }

  /**
   * Connects.
   *
   * @throws {StreamError} When there is no connection.
   */
  static async open(
    place: BeanstalkPlace,
    options: { loop: EventLoop; signal?: AbortSignal },
  ): Promise<BeanstalkLink> {
    const link = new BeanstalkLink(place);
    link.#stream = await options.loop.connectStream({
      ...place,
      signal: options.signal,
      handlers: {
        onData: (chunk) => link.#receive(chunk),
        onClose: (_, error) => link.#lose(error),
      },
    });
    return link;
  }

  /** Whether the connection is lost, and with it what it held. */
  get lost(): boolean {
    return this.#lost !== null;
  }

  /**
   * Gives a command, and waits for its answer.
   *
   * @throws {StoreError} When the connection is lost, or the server refuses.
   */
  ask(command: string): Promise<ServerReply> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    this.#stream.write(encoder.encode(`${command}\r\n`));
    return new Promise((resolve, reject) => this.#questions.push({ resolve, reject }));
  }

  /** Watches these tubes and no others. */
  async watch(tubes: readonly string[]): Promise<void> {
    const added = tubes.filter((tube) => !this.#watched.has(tube));
    const dropped = [...this.#watched].filter((tube) => !tubes.includes(tube));
    for (const tube of added) this.#watched.add(tube);
    for (const tube of dropped) this.#watched.delete(tube);
    const commands = [...added.map((tube) => `watch ${tube}`)]
      .concat(dropped.map((tube) => `ignore ${tube}`));
    await Promise.all(commands.map((command) => this.ask(command)));
  }

  /** Closes the connection at once: the server gives back what it held. */
  close(): void {
    this.#stream.terminate();
    this.#lose(null);
  }

  #receive(chunk: Uint8Array): void {
    const replies: ServerReply[] = [];
    const fault = this.#reader.push(chunk, replies);
    for (const reply of replies) this.#questions.shift()?.resolve(reply);
    if (fault === null) return;
    this.#stream.terminate();
    this.#fail(`what it says is no answer: ${fault}`);
  }

  #lose(error: StreamError | null): void {
    this.#fail("the connection was lost", error);
  }

  #fail(why: string, cause?: unknown): void {
    const { hostname, port } = this.#place;
    this.#lost ??= new StoreError(`Cannot ask ${hostname}:${port} as ${why}`, {
      code: "failed",
      cause,
    });
    for (const { reject } of this.#questions.splice(0)) reject(this.#lost);
  }
}
