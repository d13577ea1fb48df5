const decoder = new TextDecoder();

/** A message that another worker, or the supervisor, published. */
export class BusMessage {
  /** What it is about. */
  readonly topic: string;
  /** The number of the worker that published it; 0 is the supervisor. */
  readonly from: number;
  /** What it says. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /**
   * Makes a bus message.
   *
   * @param topic What it is about.
   * @param options Who published it, and what it says.
   */
  constructor(topic: string, options: { from: number; bytes: Uint8Array<ArrayBuffer> }) {
    this.topic = topic;
    this.from = options.from;
    this.bytes = options.bytes;
  }

  /** What it says, as UTF-8. */
  text(): string {
    return decoder.decode(this.bytes);
  }

  /**
   * What it says, as JSON.
   *
   * @throws {SyntaxError} When it is no JSON.
   */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

/** Called with each message of a topic. */
export type BusHandler = (message: BusMessage) => void;

/**
 * Passes small messages between workers, through their supervisor. Who publishes doesn't get its
 * own message. A message is delivered at most once: a worker that starts later or dies misses it.
 */
export interface Bus {
  /**
   * Publishes a message to all who subscribe to `topic`.
   *
   * @param topic At most 255 bytes of UTF-8.
   * @param data What to say; text is sent as UTF-8.
   * @returns Whether it was taken: not when the queue to the supervisor is full.
   * @throws {RangeError} When the topic is too long.
   */
  publish(topic: string, data: string | Uint8Array): boolean;
  /**
   * Has `handler` called with each message of `topic`.
   *
   * @returns What ends it.
   * @throws {RangeError} When the topic is too long, or there are too many.
   */
  subscribe(topic: string, handler: BusHandler): Disposable;
}
