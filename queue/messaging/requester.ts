import type { Handle } from "../../loop/mod.ts";
import type { Deferred } from "./deferred.ts";
import { MessageError } from "./message_error.ts";
import type { LinkUser, MessageLink } from "./message_link.ts";
import { MessageSocket } from "./message_socket.ts";
import type { MessageSocketOptions } from "./message_socket_options.ts";
import { Rotation } from "./rotation.ts";
import { WaitingMessages } from "./waiting_messages.ts";

/** Options of {@linkcode Requester}. */
export interface RequesterOptions extends MessageSocketOptions {
  /**
   * How many requests a connection may have that are not answered.
   *
   * @default {100}
   */
  maxInFlight?: number;
}

/** Options of {@linkcode Requester.request}. */
export interface RequestOptions {
  /**
   * How long the answer may take, in milliseconds, the wait for a connection included.
   *
   * @default {30_000}
   */
  timeoutMs?: number;
  /** Gives up waiting. */
  signal?: AbortSignal;
}

/** A connection, and the requests that it has not answered, in their order. */
interface Asked {
  readonly link: MessageLink;
  readonly requests: Deferred<Uint8Array>[];
  /** Runs while an answer is overdue; breaks the connection. */
  patience: Handle | null;
}

/**
 * Asks the {@linkcode Replier}s that it is connected with, in turn. A connection answers in the order
 * in which it was asked, so one on which an answer is overdue is left out until that has come, and
 * broken and made anew when it takes as long again: the other side may be gone without a word.
 *
 * @example A question
 * ```ts
 * import { Replier, Requester } from "@sluice/sluice/queue";
 * import type { SocketAddress } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using replier = new Replier((message) => message.toReversed());
 * const { port } = await replier.bind() as SocketAddress;
 * await using requester = new Requester();
 * requester.connect({ hostname: "127.0.0.1", port });
 * assertEquals(new TextDecoder().decode(await requester.request("abc")), "cba");
 * ```
 */
export class Requester extends MessageSocket {
  readonly #maxInFlight: number;
  readonly #waiting: WaitingMessages<Uint8Array>;
  readonly #open = new Set<Asked>();
  readonly #roomy = new Rotation<Asked>();

  /**
   * Makes a requester without connections.
   *
   * @param options See {@linkcode RequesterOptions}.
   * @throws {RangeError} When a limit is none.
   */
  constructor(options: RequesterOptions = {}) {
    super(options, (link) => this.#use(link));
    this.#waiting = new WaitingMessages(options.highWaterMark ?? 1000);
    this.#maxInFlight = options.maxInFlight ?? 100;
    if (!(this.#maxInFlight >= 1)) {
      throw new RangeError(`Cannot have ${this.#maxInFlight} requests in flight`);
    }
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param message Bytes, or text that goes as UTF-8. Bytes must stay as they are until it settles.
   * @param options See {@linkcode RequestOptions}.
   * @throws {MessageError} `timeout`; `lost` when the connection broke; `full` when as many wait as
   * may; `too-big`; or `closed`.
   * @throws The reason of the signal.
   */
  async request(
    message: Uint8Array | string,
    options: RequestOptions = {},
  ): Promise<Uint8Array> {
    const { timeoutMs = 30_000, signal } = options;
    signal?.throwIfAborted();
    const request = this.#waiting.add(this.encode(message), signal);
    const timer = this.loop.callLater(timeoutMs, () => {
      this.#waiting.giveUp(request);
      request.reject(timedOut(timeoutMs));
    });
    this.#dispatch();
    try {
      return await request.promise;
    } catch (error) {
      this.#mindOverdue(request, timeoutMs);
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Gives up all requests, and closes. */
  override async [Symbol.asyncDispose](): Promise<void> {
    const error = new MessageError("Cannot ask as the requester was closed", { code: "closed" });
    this.#waiting.fail(error);
    for (const { requests } of this.#open) fail(requests, error);
    await super[Symbol.asyncDispose]();
  }

  #use(link: MessageLink): LinkUser {
    const asked: Asked = { link, requests: [], patience: null };
    this.#open.add(asked);
    this.#offer(asked);
    return {
      onMessages: (messages) => this.#answer(asked, messages),
      onRoom: () => this.#offer(asked),
      onEnd: () => link.end(),
      onClose: () => {
        asked.patience?.cancel();
        this.#open.delete(asked);
        this.#roomy.delete(asked);
        fail(asked.requests, lost());
      },
    };
  }

  #answer(asked: Asked, messages: Uint8Array[]): void {
    for (const message of messages) {
      const request = asked.requests.shift();
      if (request === undefined) return asked.link.fault("An answer came that nobody asked for");
      request.resolve(message);
    }
    if (!isOverdue(asked)) {
      asked.patience?.cancel();
      asked.patience = null;
    }
    this.#offer(asked);
  }

  /** Lets a connection that owes the answer to a request that was given up have some more time. */
  #mindOverdue(request: Deferred<Uint8Array>, graceMs: number): void {
    for (const asked of this.#open) {
      if (!asked.requests.includes(request)) continue;
      asked.patience ??= this.loop.callLater(graceMs, () => asked.link.terminate());
    }
  }

  #offer(asked: Asked): void {
    this.#roomy.add(asked);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#waiting.size > 0) {
      const asked = this.#next();
      if (asked === undefined) return;
      const { deferred, message } = this.#waiting.take()!;
      asked.requests.push(deferred);
      asked.link.send(message);
      this.#roomy.add(asked);
    }
  }

  /** The next connection that can be asked; those that can't come back once they can. */
  #next(): Asked | undefined {
    while (true) {
      const asked = this.#roomy.take();
      if (asked === undefined || this.#isReady(asked)) return asked;
    }
  }

  #isReady(asked: Asked): boolean {
    const { link, requests } = asked;
    return link.hasRoom && requests.length < this.#maxInFlight && !isOverdue(asked);
  }
}

/** Whether the answer that must come next is to a request that was given up. */
function isOverdue({ requests }: Asked): boolean {
  return requests.length > 0 && requests[0].isSettled;
}

function fail(requests: Deferred<Uint8Array>[], error: MessageError): void {
  for (const request of requests.splice(0)) request.reject(error);
}

function lost(): MessageError {
  return new MessageError("Cannot wait for answer as the connection broke", { code: "lost" });
}

function timedOut(timeoutMs: number): MessageError {
  return new MessageError(`Cannot wait for answer any longer: ${timeoutMs} ms are over`, {
    code: "timeout",
  });
}
