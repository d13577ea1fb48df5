import { MessageError } from "./message_error.ts";
import type { LinkUser, MessageLink } from "./message_link.ts";
import { MessageSocket } from "./message_socket.ts";
import type { MessageSocketOptions } from "./message_socket_options.ts";
import { Rotation } from "./rotation.ts";
import { WaitingMessages } from "./waiting_messages.ts";

/**
 * Sends messages, each to one of the {@linkcode Puller}s that it is connected with, in turn; those
 * that are busy are left out until they have room. At most once: what is under way when a
 * connection breaks is lost. Jobs that must not be lost belong in a queue. Speaks the protocol of
 * Ring, the PHP library.
 *
 * @example To a puller
 * ```ts
 * import { Puller, Pusher } from "@sluice/sluice/queue";
 * import type { SocketAddress } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using puller = new Puller();
 * const { port } = await puller.bind() as SocketAddress;
 * await using pusher = new Pusher();
 * pusher.connect({ hostname: "127.0.0.1", port });
 * await pusher.push("hello");
 * assertEquals(new TextDecoder().decode(await puller.pull()), "hello");
 * ```
 */
export class Pusher extends MessageSocket {
  readonly #waiting: WaitingMessages<void>;
  readonly #roomy = new Rotation<MessageLink>();

  /**
   * Makes a pusher without connections.
   *
   * @param options See {@linkcode MessageSocketOptions}.
   * @throws {RangeError} When the high-water mark is none.
   */
  constructor(options: MessageSocketOptions = {}) {
    super(options, (link) => this.#use(link));
    this.#waiting = new WaitingMessages(options.highWaterMark ?? 1000);
  }

  /** How many messages wait for a connection with room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a message.
   *
   * @param message Bytes, or text that goes as UTF-8. Bytes must stay as they are until it resolves.
   * @param options A signal that gives up waiting; the message is then not sent.
   * @returns Resolves once a connection has it.
   * @throws {MessageError} `full` when as many wait as may, `too-big`, or `closed`.
   * @throws The reason of the signal.
   */
  async push(message: Uint8Array | string, options: { signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const bytes = this.encode(message);
    const link = this.#waiting.size === 0 ? this.#roomy.take() : undefined;
    if (link === undefined) return await this.#waiting.add(bytes, options.signal).promise;
    this.#send(link, bytes);
  }

  /** Gives up the messages that wait, and closes; what connections have is sent. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.fail(
      new MessageError("Cannot send message as the pusher was closed", { code: "closed" }),
    );
    await super[Symbol.asyncDispose]();
  }

  #use(link: MessageLink): LinkUser {
    this.#offer(link);
    return {
      onMessages: () => link.fault("Nobody sends messages to a pusher"),
      onRoom: () => this.#offer(link),
      onEnd: () => link.end(),
      onClose: () => this.#roomy.delete(link),
    };
  }

  #offer(link: MessageLink): void {
    while (link.hasRoom) {
      const next = this.#waiting.take();
      if (next === undefined) return this.#roomy.add(link);
      link.send(next.message);
      next.deferred.resolve();
    }
  }

  #send(link: MessageLink, message: Uint8Array): void {
    link.send(message);
    if (link.hasRoom) this.#roomy.add(link);
  }
}
