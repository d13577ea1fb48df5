import { EventLoop, StreamError, type StreamSocket } from "../../loop/mod.ts";

/** Options of {@linkcode BulkPush}. */
export interface BulkPushOptions {
  /** The server of the line protocol. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
  /**
   * The loop.
   *
   * @default {EventLoop.default()}
   */
  readonly loop?: EventLoop;
  /** Told of each line that is no job, and why. */
  readonly onRefused: (reason: string) => void;
}

const NEWLINE = 10;
/** Bytes of a line without its end that are held back. */
const MAX_HELD = 1_048_576;
/** An answer is short; what is longer comes from no server of ours. */
const MAX_ANSWER = 65_536;
/** Asks whether all before it is durable: the end of a connection alone proves nothing. */
const QUESTION = new TextEncoder().encode('{"ack":"all"}\n');
const decoder = new TextDecoder();

/** Sends lines to a server of the line protocol, no faster than it stores them. */
export class BulkPush {
  readonly #options: BulkPushOptions;
  readonly #loop: EventLoop;
  readonly #ended = Promise.withResolvers<void>();
  #connecting: Promise<StreamSocket> | null = null;
  #answers = "";
  #lastByte = NEWLINE;
  #lineBytes = 0;
  #finishing = false;
  #acknowledged = false;
  /** When it began, on the loop's clock. */
  startedAt: number;
  /** Bytes sent. */
  bytes = 0;
  /** Lines sent that are not empty. */
  lines = 0;
  /** Lines that the server has refused. */
  refused = 0;

  /**
   * Makes one, which connects when there is something to send.
   *
   * @param options See {@linkcode BulkPushOptions}.
   */
  constructor(options: BulkPushOptions) {
    this.#options = options;
    this.#loop = options.loop ?? EventLoop.default();
    this.startedAt = this.#loop.now();
    this.#ended.promise.catch(() => undefined);
  }

  /**
   * Sends all that a stream gives. A last line needs no end.
   *
   * @throws {StreamError} When the connection can't be had, or is lost.
   */
  async send(
    readable: ReadableStream<Uint8Array>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    const stream = await this.#connect(signal);
    let half = new Uint8Array();
    for await (const chunk of readable) {
      const whole = chunk.lastIndexOf(NEWLINE) + 1;
      // The server waits only so long for the end of a line.
      if (whole === 0 && half.length + chunk.length <= MAX_HELD) {
        half = joined(half, chunk);
        continue;
      }
      this.#write(stream, half);
      this.#write(stream, chunk.subarray(0, whole || chunk.length));
      half = chunk.slice(whole || chunk.length);
      await stream.drained({ signal });
    }
    this.#write(stream, half);
    if (this.#lastByte !== NEWLINE) this.#write(stream, new Uint8Array([NEWLINE]));
  }

  /**
   * Ends, and waits until all that was sent is durable.
   *
   * @throws {StreamError} When the connection is lost; then some may be stored.
   */
  async finish({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const stream = await this.#connect(signal);
    this.#finishing = true;
    stream.write(QUESTION);
    stream.end();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal!.reason);
    signal?.addEventListener("abort", abort);
    try {
      await Promise.race([this.#ended.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #write(stream: StreamSocket, chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    for (const byte of chunk) {
      if (byte !== NEWLINE) this.#lineBytes++;
      else if (this.#lineBytes > 0) {
        this.lines++;
        this.#lineBytes = 0;
      }
    }
    this.#lastByte = chunk.at(-1)!;
    this.bytes += chunk.length;
    stream.write(chunk);
  }

  #connect(signal?: AbortSignal): Promise<StreamSocket> {
    const { hostname, port } = this.#options;
    this.#connecting ??= this.#loop.connectStream({
      hostname,
      port,
      signal,
      handlers: {
        onData: (chunk) => this.#hear(decoder.decode(chunk)),
        onEnd: () => this.#end(),
        onClose: (_stream, error) => {
          if (error !== null) this.#ended.reject(error);
        },
      },
    });
    return this.#connecting;
  }

  #end(): void {
    if (this.#acknowledged) return this.#ended.resolve();
    const message = this.#finishing
      ? "Cannot tell whether all jobs are stored as the server has ended the connection"
      : "Cannot push jobs as the server has ended the connection";
    this.#ended.reject(new StreamError(message, { code: "closed" }));
  }

  #hear(text: string): void {
    const lines = (this.#answers + text).split("\n");
    this.#answers = lines.pop()!.slice(0, MAX_ANSWER);
    for (const line of lines) {
      const { line: number, error = "", count = 1, ack } = readAnswer(line);
      if (ack !== undefined) {
        this.#acknowledged = true;
        continue;
      }
      this.refused += count;
      this.#options.onRefused(number === undefined ? error : `line ${number}: ${error}`);
    }
  }
}

interface Answer {
  readonly line?: number;
  readonly error?: string;
  readonly count?: number;
  readonly ack?: unknown;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function readAnswer(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { error: "Cannot read answer as it is no JSON" };
    throw error;
  }
}
