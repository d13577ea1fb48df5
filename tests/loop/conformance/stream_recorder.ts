import type { StreamError, StreamHandlers, StreamSocket } from "../../../loop/mod.ts";

type Condition = { holds: () => boolean; resolve: () => void };

/** Handlers that write down what a stream tells, and let a test wait for it. */
export class StreamRecorder implements StreamHandlers {
  /** What was told, in order: `data`, `end`, `drain`, `close`. */
  readonly calls: string[] = [];
  /** Bytes received. */
  received = 0;
  /** Why the stream closed; undefined while it is open. */
  error: StreamError | null | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #options: StreamRecorderOptions;
  #conditions: Condition[] = [];

  constructor(options: StreamRecorderOptions = {}) {
    this.#options = options;
  }

  /** What was received, as text. */
  get text(): string {
    return this.#chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
  }

  onData(chunk: Uint8Array, stream: StreamSocket): void {
    this.received += chunk.length;
    if (this.#options.onData) this.#options.onData(chunk, stream);
    else this.#chunks.push(chunk.slice());
    this.#note("data");
  }

  onEnd(stream: StreamSocket): void {
    this.#note("end");
    if (!this.#options.halfOpen) stream.end();
  }

  onDrain(): void {
    this.#note("drain");
  }

  onClose(_stream: StreamSocket, error: StreamError | null): void {
    this.error = error;
    this.#note("close");
  }

  /** How often something was told. */
  count(call: string): number {
    return this.calls.filter((each) => each === call).length;
  }

  /** Waits until `holds` does, which is asked after each call. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#conditions.push({ holds, resolve });
      this.#check();
    });
  }

  /** Waits until something was told. */
  async told(call: "data" | "end" | "drain" | "close"): Promise<void> {
    await this.until(() => this.calls.includes(call));
  }

  /** Waits until the stream has closed. */
  async closed(): Promise<StreamError | null> {
    await this.told("close");
    return this.error!;
  }

  #note(call: string): void {
    this.calls.push(call);
    this.#check();
  }

  #check(): void {
    this.#conditions = this.#conditions.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}

/** Options of {@linkcode StreamRecorder}. */
export interface StreamRecorderOptions {
  /** Called with each chunk, which is then not kept. */
  onData?: (chunk: Uint8Array, stream: StreamSocket) => void;
  /** Whether to keep the own side open when the peer has ended its. */
  halfOpen?: boolean;
}
