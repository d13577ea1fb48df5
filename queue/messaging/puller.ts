import { Deferred } from "./deferred.ts";
import { MessageError } from "./message_error.ts";
import type { LinkUser, MessageLink } from "./message_link.ts";
import { MessageSocket } from "./message_socket.ts";
import type { MessageSocketOptions } from "./message_socket_options.ts";
import { Rotation } from "./rotation.ts";

/** Options of {@linkcode Puller}. */
export interface PullerOptions extends MessageSocketOptions {
  /**
   * How many bytes of messages may wait to be pulled; beyond that, and beyond `highWaterMark`,
   * nothing is read, so that the network holds the messages back. What each connection had read
   * until then, up to 64 KiB, comes on top.
   *
   * @default {67_108_864}
   */
  maxHeldBytes?: number;
}

/** Messages of one connection that wait to be pulled. */
type Inbox = Uint8Array[];

/**
 * Takes the messages of {@linkcode Pusher}s: of each of those that have sent some in turn, so that a
 * busy one doesn't hold up the others. When messages come faster than they are pulled, nothing more
 * is read, and the pushers wait. See {@linkcode Pusher} for an example; a puller can also be iterated:
 *
 * @example All messages
 * ```ts
 * import { Puller, Pusher } from "@sluice/sluice/queue";
 * import type { SocketAddress } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using pusher = new Pusher();
 * const { port } = await pusher.bind() as SocketAddress;
 * await using puller = new Puller();
 * puller.connect({ hostname: "127.0.0.1", port });
 * for (const text of ["a", "b"]) await pusher.push(text);
 *
 * const texts: string[] = [];
 * for await (const message of puller) {
 *   if (texts.push(new TextDecoder().decode(message)) === 2) break;
 * }
 * assertEquals(texts, ["a", "b"]);
 * ```
 */
export class Puller extends MessageSocket implements AsyncIterable<Uint8Array> {
  readonly #highWaterMark: number;
  readonly #maxHeldBytes: number;
  readonly #rotation = new Rotation<Inbox>();
  readonly #links = new Set<MessageLink>();
  readonly #pulls = new Set<Deferred<Uint8Array>>();
  #held = 0;
  #heldBytes = 0;
  #isPaused = false;

  /**
   * Makes a puller without connections.
   *
   * @param options See {@linkcode PullerOptions}.
   * @throws {RangeError} When a limit is none.
   */
  constructor(options: PullerOptions = {}) {
    super(options, (link) => this.#use(link));
    const { highWaterMark = 1000, maxHeldBytes = 67_108_864 } = options;
    if (!(highWaterMark >= 1 && maxHeldBytes >= 1)) {
      throw new RangeError("Cannot hold messages as a limit is not at least 1");
    }
    this.#highWaterMark = highWaterMark;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** How many messages wait to be pulled. */
  get waiting(): number {
    return this.#held;
  }

  /**
   * Takes the next message, or waits for it.
   *
   * @throws {MessageError} `closed` when it is closed, and no message is left.
   * @throws The reason of the signal when it is aborted before.
   */
  async pull(options: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    const message = this.#take();
    if (message !== undefined) return message;
    if (this.signal.aborted) throw closed();
    const pull = new Deferred<Uint8Array>(options.signal, (it) => this.#pulls.delete(it));
    this.#pulls.add(pull);
    return await pull.promise;
  }

  /** All messages, until it is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      while (true) yield await this.pull();
    } catch (error) {
      if (!(error instanceof MessageError && error.code === "closed")) throw error;
    }
  }

  /** Closes. What has come and wasn't pulled can be pulled yet. */
  override async [Symbol.asyncDispose](): Promise<void> {
    for (const pull of this.#pulls) pull.reject(closed());
    this.#pulls.clear();
    await super[Symbol.asyncDispose]();
  }

  #use(link: MessageLink): LinkUser {
    const inbox: Inbox = [];
    this.#links.add(link);
    if (this.#isPaused) link.pause();
    return {
      onMessages: (messages) => this.#receive(inbox, messages),
      onRoom() {},
      onEnd: () => link.end(),
      onClose: () => this.#links.delete(link),
    };
  }

  #receive(inbox: Inbox, messages: Uint8Array[]): void {
    for (const message of messages) {
      const [pull] = this.#pulls;
      if (pull !== undefined) {
        this.#pulls.delete(pull);
        pull.resolve(message);
        continue;
      }
      inbox.push(message);
      this.#rotation.add(inbox);
      this.#held++;
      this.#heldBytes += message.length;
    }
    if (!this.#isPaused && this.#isAbove(1)) this.#pause();
  }

  #take(): Uint8Array | undefined {
    const inbox = this.#rotation.take();
    if (inbox === undefined) return undefined;
    const message = inbox.shift()!;
    if (inbox.length > 0) this.#rotation.add(inbox);
    this.#held--;
    this.#heldBytes -= message.length;
    if (this.#isPaused && !this.#isAbove(0.5)) this.#resume();
    return message;
  }

  #isAbove(part: number): boolean {
    return this.#held >= this.#highWaterMark * part || this.#heldBytes >= this.#maxHeldBytes * part;
  }

  #pause(): void {
    this.#isPaused = true;
    for (const link of this.#links) link.pause();
  }

  #resume(): void {
    this.#isPaused = false;
    for (const link of this.#links) link.resume();
  }
}

function closed(): MessageError {
  return new MessageError("Cannot pull message as the puller was closed", { code: "closed" });
}
