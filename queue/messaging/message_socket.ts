import {
  EventLoop,
  type StreamAddress,
  StreamError,
  type StreamListener,
  type StreamSocket,
} from "../../loop/mod.ts";
import { AddressFilter, LOOPBACK } from "../address_filter.ts";
import { type Backoff, backoffMs } from "../backoff.ts";
import { reportTo } from "../report_to.ts";
import { MessageError } from "./message_error.ts";
import { type LinkUser, MessageLink } from "./message_link.ts";
import type {
  BindOptions,
  MessagePlace,
  MessageSocketOptions,
  MessageSocketStats,
} from "./message_socket_options.ts";

const RECONNECT: Backoff = { baseMs: 100, maxMs: 30_000, jitter: 0.5 };

const encoder = new TextEncoder();

/**
 * What {@linkcode Pusher}, {@linkcode Puller}, {@linkcode Requester} and {@linkcode Replier} have in
 * common: connections that carry messages. Each of them may listen, connect, or do both, at several
 * places at once. Connections to others are kept: one that breaks, or can't be made, is tried again
 * with growing waits (100 ms to 30 s).
 */
export abstract class MessageSocket implements AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #maxMessageBytes: number;
  readonly #onError: (error: unknown) => void;
  readonly #use: (link: MessageLink) => LinkUser;
  readonly #stop = new AbortController();
  readonly #links = new Set<MessageLink>();
  readonly #listeners: StreamListener[] = [];
  readonly #counts = { refused: 0, faults: 0, failedAttempts: 0 };

  /** @internal */
  protected constructor(options: MessageSocketOptions, use: (link: MessageLink) => LinkUser) {
    const { loop = EventLoop.default(), maxMessageBytes = 16_777_216 } = options;
    this.#loop = loop;
    this.#maxMessageBytes = maxMessageBytes;
    this.#use = use;
    this.#onError = options.onError ?? reportTo(loop);
  }

  /**
   * Listens for connections.
   *
   * @param options See {@linkcode BindOptions}.
   * @returns Where it listens.
   * @throws {SyntaxError} When a range of addresses is none.
   * @throws {ListenError} When the address can't be listened on.
   * @throws {MessageError} When it was closed.
   */
  async bind(options: BindOptions = {}): Promise<StreamAddress> {
    this.#assertOpen();
    const { allow = LOOPBACK, hostname = "127.0.0.1", port, path, maxConnections = 1000 } = options;
    const filter = new AddressFilter(allow);
    const listener = await this.#loop.listenStream({
      ...(path === undefined ? { hostname, port } : { path }),
      maxConnections,
      onError: this.#onError,
      onConnection: filter.guard((stream) => this.#link(stream), () => this.#counts.refused++),
    });
    this.#listeners.push(listener);
    if (this.#stop.signal.aborted) await listener[Symbol.asyncDispose]();
    return listener.localAddress;
  }

  /**
   * Keeps a connection to another socket, from now until it is closed. Whether the other one is
   * there yet doesn't matter.
   *
   * @param place Where it listens.
   * @throws {RangeError} When the port is none.
   * @throws {MessageError} When it was closed.
   */
  connect(place: MessagePlace): void {
    this.#assertOpen();
    const { port, path } = place;
    if (path === undefined && !(Number.isInteger(port) && port! > 0 && port! < 65_536)) {
      throw new RangeError(`Cannot connect to port ${port} as it is not from 1 to 65535`);
    }
    this.#keep(place).catch(this.#onError);
  }

  /** What it has counted. */
  stats(): MessageSocketStats {
    return { ...this.#counts, connections: this.#links.size };
  }

  /** Closes all connections, after what was handed to them is sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new MessageError("Cannot go on as it was closed", { code: "closed" }));
    await Promise.all([...this.#listeners, ...this.#links].map((it) => it[Symbol.asyncDispose]()));
  }

  /** @internal */
  protected get loop(): EventLoop {
    return this.#loop;
  }

  /** Aborted when it is closed. @internal */
  protected get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Tells of an error that concerns no single message. @internal */
  protected report(error: unknown): void {
    this.#onError(error);
  }

  /** The bytes of a message that is to be sent. @internal */
  protected encode(message: Uint8Array | string): Uint8Array {
    this.#assertOpen();
    const bytes = typeof message === "string" ? encoder.encode(message) : message;
    const most = this.#maxMessageBytes;
    if (bytes.length <= most) return bytes;
    const reason = `it has ${bytes.length} bytes: the limit is ${most}`;
    throw new MessageError(`Cannot send message as ${reason}`, { code: "too-big" });
  }

  #assertOpen(): void {
    this.#stop.signal.throwIfAborted();
  }

  #link(stream: StreamSocket, onClose?: () => void): MessageLink {
    const link = new MessageLink(stream, {
      maxMessageBytes: this.#maxMessageBytes,
      use: this.#use,
      onFault: () => this.#counts.faults++,
      onClose: () => {
        this.#links.delete(link);
        onClose?.();
      },
    });
    this.#links.add(link);
    return link;
  }

  async #keep(place: MessagePlace): Promise<void> {
    const { signal } = this.#stop;
    let attempt = 0;
    while (!signal.aborted) {
      const waitMs = attempt === 0 ? 0 : backoffMs(RECONNECT, attempt, this.#loop.random);
      await this.#loop.sleep(waitMs, { signal }).catch(() => undefined);
      const livedMs = await this.#meet(place, signal);
      // A place that breaks each connection at once is no better than one that isn't there.
      attempt = livedMs > waitMs ? 1 : attempt + 1;
    }
  }

  /** Connects, and waits until the connection is gone: after how many milliseconds. */
  async #meet(place: MessagePlace, signal: AbortSignal): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let link: MessageLink | undefined;
    try {
      const stream = await this.#loop.connectStream({
        ...place,
        signal,
        keepAlive: true,
        handlers: {
          onData: (chunk) => link!.onData(chunk),
          onDrain: () => link!.onDrain(),
          onEnd: () => link!.onEnd(),
          onClose: (stream, error) => link!.onClose(stream, error),
        },
      });
      link = this.#link(stream, resolve);
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof StreamError)) throw error;
      this.#counts.failedAttempts++;
      return 0;
    }
    const began = this.#loop.now();
    if (signal.aborted) link.end();
    await promise;
    return this.#loop.now() - began;
  }
}
