import type { BaseStream } from "./base_stream.ts";
import type { PollerHost } from "./poller.ts";
import type { ListenOptions } from "./stream.ts";

/** The streams that a listener has accepted and that are not gone. */
export class AcceptedStreams implements AsyncDisposable {
  readonly #host: PollerHost;
  readonly #options: ListenOptions;
  readonly #onGone: () => void;
  readonly #streams = new Set<BaseStream>();
  #accepted = 0;

  /**
   * @param host The loop.
   * @param options Who owns the streams, and what is told when one is gone.
   */
  constructor(host: PollerHost, options: { listen: ListenOptions; onGone: () => void }) {
    this.#host = host;
    this.#options = options.listen;
    this.#onGone = options.onGone;
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** How many there ever were. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Takes the stream in that `make` makes, and shows it to its owner in the next iteration. */
  add(make: (onGone: () => void) => BaseStream): void {
    const stream = make(() => {
      this.#streams.delete(stream);
      this.#onGone();
    });
    this.#accepted++;
    this.#streams.add(stream);
    this.#host.callSoon(() => this.#introduce(stream));
  }

  /** Ends all of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#streams, (stream) => stream[Symbol.asyncDispose]()));
  }

  #introduce(stream: BaseStream): void {
    try {
      stream.open(this.#options.onConnection(stream));
    } catch (error) {
      stream.drop();
      throw error;
    }
  }
}
