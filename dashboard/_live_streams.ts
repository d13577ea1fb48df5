import type { EventLoop, Handle } from "../loop/mod.ts";

/** The parts of a page as they are now; `null` when the stream is to end. */
export type Render = () => Promise<ReadonlyMap<string, string> | null>;

/** Options of {@linkcode LiveStreams}. */
export interface LiveStreamsOptions {
  loop: EventLoop;
  /** Most streams at a time. */
  maxStreams: number;
  /** How often pages are looked at. */
  refreshMs: number;
  /** Told of what fails; the stream then ends. */
  onError: (error: unknown) => void;
}

/** Ticks without news after which a comment keeps the connection open. */
const SILENT_TICKS = 15;
const encoder = new TextEncoder();

/** Streams of server-sent events: of each page, the parts that have changed. */
export class LiveStreams implements Disposable {
  readonly #options: LiveStreamsOptions;
  readonly #streams = new Set<LiveStream>();
  #timer: Handle | null = null;

  /**
   * @param options See {@linkcode LiveStreamsOptions}.
   */
  constructor(options: LiveStreamsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size;
  }

  /** Opens a stream; `null` when there are too many. */
  open(render: Render): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const { loop, maxStreams, refreshMs } = this.#options;
    if (this.#streams.size >= maxStreams) return null;
    const stream = new LiveStream(render, {
      onError: this.#options.onError,
      onEnd: () => this.#leave(stream),
    });
    this.#streams.add(stream);
    this.#timer ??= loop.every(refreshMs, () => this.#tick());
    void stream.tick();
    return stream.readable;
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  #tick(): void {
    for (const stream of this.#streams) void stream.tick();
  }

  #leave(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }
}

/** One stream. */
class LiveStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #render: Render;
  readonly #events: { onError: (error: unknown) => void; onEnd: () => void };
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #sent: ReadonlyMap<string, string> = new Map();
  #isBusy = false;
  #isOver = false;
  #silentTicks = 0;

  constructor(
    render: Render,
    events: { onError: (error: unknown) => void; onEnd: () => void },
  ) {
    this.#render = render;
    this.#events = events;
    this.readable = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      cancel: () => this.#leave(),
    });
  }

  end(): void {
    if (this.#isOver) return;
    this.#leave();
    this.#controller.close();
  }

  /** Sends what has changed, unless the last news are still being read. */
  async tick(): Promise<void> {
    if (this.#isBusy || !((this.#controller.desiredSize ?? 0) > 0)) return;
    this.#isBusy = true;
    try {
      const parts = await this.#render();
      if (this.#isOver) return;
      if (parts === null) this.end();
      else this.#tell(parts);
    } catch (error) {
      this.end();
      this.#events.onError(error);
    } finally {
      this.#isBusy = false;
    }
  }

  #tell(parts: ReadonlyMap<string, string>): void {
    const news = [...parts].filter(([name, text]) => this.#sent.get(name) !== text);
    this.#sent = parts;
    if (news.length > 0) this.#send(`data: ${JSON.stringify(news)}\n\n`);
    else if (++this.#silentTicks >= SILENT_TICKS) this.#send(":\n\n");
  }

  #send(text: string): void {
    this.#silentTicks = 0;
    this.#controller.enqueue(encoder.encode(text));
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onEnd();
  }
}
