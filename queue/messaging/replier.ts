import type { LinkUser, MessageLink } from "./message_link.ts";
import { MessageSocket } from "./message_socket.ts";
import type { MessageSocketOptions } from "./message_socket_options.ts";

/** What a request comes with. */
export interface RequestContext {
  /** Aborted when nobody waits for the answer any more: the connection broke. */
  readonly signal: AbortSignal;
}

/** Answers a request, with bytes or with text that goes as UTF-8. */
export type RequestHandler = (
  message: Uint8Array,
  context: RequestContext,
) => Uint8Array | string | Promise<Uint8Array | string>;

/**
 * Answers the {@linkcode Requester}s that it is connected with: the requests of one connection one
 * after the other, those of several at the same time. A connection is read no further while it has
 * requests that wait. See {@linkcode Requester} for an example.
 *
 * A handler that throws, or answers with more bytes than a message may have, ends that connection,
 * as the protocol has no word for errors, and `onError` is told.
 */
export class Replier extends MessageSocket {
  /**
   * Makes a replier without connections.
   *
   * @param handler Answers.
   * @param options See {@linkcode MessageSocketOptions}.
   */
  constructor(handler: RequestHandler, options: MessageSocketOptions = {}) {
    super(options, (link) =>
      new ReplyingLink(link, {
        handler,
        encode: (message) => this.encode(message),
        onError: (error) => this.report(error),
      }));
  }
}

/** What a connection has from its replier. */
interface ReplyingLinkOptions {
  readonly handler: RequestHandler;
  readonly encode: (message: Uint8Array | string) => Uint8Array;
  readonly onError: (error: unknown) => void;
}

/** The requests of one connection. */
class ReplyingLink implements LinkUser {
  readonly #link: MessageLink;
  readonly #options: ReplyingLinkOptions;
  readonly #gone = new AbortController();
  #requests: Uint8Array[] = [];
  #isAnswering = false;
  #hasEnded = false;
  #wake: (() => void) | null = null;

  constructor(link: MessageLink, options: ReplyingLinkOptions) {
    this.#link = link;
    this.#options = options;
  }

  onMessages(messages: Uint8Array[]): void {
    this.#requests.push(...messages);
    if (!this.#isAnswering) void this.#answerAll();
  }

  onRoom(): void {
    this.#wake?.();
  }

  onEnd(): void {
    this.#hasEnded = true;
    if (!this.#isAnswering) this.#link.end();
  }

  onClose(): void {
    this.#gone.abort(new DOMException("The requester is gone", "AbortError"));
    this.#wake?.();
  }

  async #answerAll(): Promise<void> {
    const { signal } = this.#gone;
    this.#isAnswering = true;
    this.#link.pause();
    try {
      for (let i = 0; i < this.#requests.length && !signal.aborted; i++) {
        await this.#answer(this.#requests[i], signal);
      }
    } catch (error) {
      this.#link.terminate();
      if (!signal.aborted) this.#options.onError(error);
    }
    this.#requests = [];
    this.#isAnswering = false;
    if (this.#hasEnded) this.#link.end();
    else this.#link.resume();
  }

  async #answer(message: Uint8Array, signal: AbortSignal): Promise<void> {
    const answer = await this.#options.handler(message, { signal });
    if (signal.aborted) return;
    this.#link.send(this.#options.encode(answer));
    if (this.#link.hasRoom) return;
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = null;
  }
}
