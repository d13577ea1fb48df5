import type { StreamError, StreamHandlers, StreamSocket } from "../../loop/mod.ts";
import { encodeRingMessage, RingDecoder } from "./ring_frame.ts";

/** What a socket does with one of its connections. */
export interface LinkUser {
  /** Messages have arrived. */
  onMessages(messages: Uint8Array[]): void;
  /** There is room again for messages to be sent. */
  onRoom(): void;
  /** The other side has said all that it has to say. */
  onEnd(): void;
  /** The connection is gone. */
  onClose(): void;
}

/** What a connection has from its socket. */
export interface LinkOptions {
  readonly maxMessageBytes: number;
  /** Makes what handles the connection. */
  readonly use: (link: MessageLink) => LinkUser;
  /** What has come is no message. */
  readonly onFault: (reason: string) => void;
  readonly onClose: (link: MessageLink) => void;
}

/** One connection that carries messages both ways. */
export class MessageLink implements StreamHandlers, AsyncDisposable {
  readonly #options: LinkOptions;
  readonly #decoder: RingDecoder;
  readonly #user: LinkUser;
  readonly #stream: StreamSocket;
  #isFull = false;

  /**
   * @param stream The connection.
   * @param options What it has from its socket.
   */
  constructor(stream: StreamSocket, options: LinkOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#decoder = new RingDecoder(options.maxMessageBytes);
    this.#user = options.use(this);
  }

  /** Whether a message may be sent now. */
  get hasRoom(): boolean {
    return !this.#isFull && this.#stream.writable;
  }

  /** Sends a message. */
  send(message: Uint8Array): void {
    this.#isFull = !this.#stream.write(encodeRingMessage(message), { borrowed: true });
  }

  /** Reads no more for now. */
  pause(): void {
    this.#stream.pause();
  }

  /** Reads on. */
  resume(): void {
    this.#stream.resume();
  }

  /** Ends this side once all is sent. */
  end(): void {
    this.#stream.end();
  }

  /** Breaks the connection. */
  terminate(): void {
    this.#stream.terminate();
  }

  onData(chunk: Uint8Array): void {
    const messages: Uint8Array[] = [];
    const result = this.#decoder.push(chunk, messages);
    if (messages.length > 0) this.#user.onMessages(messages);
    if (!result.ok) this.fault(result.reason);
  }

  /** Breaks the connection, as the other side does not keep to the protocol. */
  fault(reason: string): void {
    this.#options.onFault(reason);
    this.#stream.terminate();
  }

  onDrain(): void {
    this.#isFull = false;
    this.#user.onRoom();
  }

  onEnd(): void {
    this.#user.onEnd();
  }

  onClose(_stream: StreamSocket, _error: StreamError | null): void {
    this.#user.onClose();
    this.#options.onClose(this);
  }

  /** Ends gracefully: what was sent goes out. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream[Symbol.asyncDispose]();
  }
}
