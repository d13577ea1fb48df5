import type { News } from "./watch_hub.ts";
import type { ResumeToken } from "./resume_token.ts";

/** What a stream is made of. */
export interface EventStreamOptions {
  /** The ids that it tells of. */
  readonly ids: readonly string[];
  /** What the client knows already. */
  readonly token: ResumeToken;
  /** How long the client waits until it connects again, in milliseconds. */
  readonly retryMs: number;
  /** The time. */
  readonly now: () => number;
  /** What there is to tell of an id. */
  readonly news: (id: string) => News;
  /** Counts what is told. */
  readonly onEvents: (count: number) => void;
  /** Called once when it is over. */
  readonly onEnd: () => void;
}

const encoder = new TextEncoder();

/**
 * A stream of server-sent events, for one client. It holds no more than the chunk
 * that is being read and the names of the ids that have changed since.
 */
export class EventStream {
  /** The body of the answer. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: EventStreamOptions;
  readonly #places: ReadonlyMap<string, number>;
  readonly #changed: Set<string>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #fullSince: number | null = null;
  #isQuiet = false;
  #isDropped = false;
  #isOver = false;

  /**
   * @param options See {@linkcode EventStreamOptions}.
   */
  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#places = new Map(options.ids.map((id, i) => [id, i]));
    this.#changed = new Set(options.ids);
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#send(`retry: ${options.retryMs}\n\n`);
      },
      pull: () => {
        this.#fullSince = null;
        if (this.#isDropped) this.end();
        else this.flush();
      },
      cancel: () => void this.#leave(),
    });
  }

  /** Notes that an id has another value. */
  change(id: string): void {
    if (!this.#isDropped) this.#changed.add(id);
  }

  /** Tells what has changed, unless the last chunk is still to be read. */
  flush(): void {
    if (this.#isOver || this.#isDropped || this.#isFull || this.#changed.size === 0) return;
    const { token, news, onEvents } = this.#options;
    let [text, count] = ["", 0];
    for (const id of this.#changed) {
      const { digest, json } = news(id);
      if (!token.tell(this.#places.get(id)!, digest)) continue;
      text += `id: ${token}\ndata: ${json}\n\n`;
      count++;
    }
    this.#changed.clear();
    if (count === 0) return;
    onEvents(count);
    this.#send(text);
  }

  /**
   * Keeps the connection alive when nothing was told since the last beat.
   *
   * @param slowMs How long a client may read nothing.
   * @returns Whether it has read something in that time.
   */
  beat(slowMs: number): boolean {
    if (this.#fullSince !== null) return this.#options.now() - this.#fullSince < slowMs;
    if (this.#isQuiet) this.#send(":\n\n");
    this.#isQuiet = true;
    return true;
  }

  /** Ends it; the client connects again. */
  end(): void {
    if (this.#leave()) this.#controller.close();
  }

  /**
   * Tells no more, and ends when the client reads what it was sent or goes away: until then the
   * platform keeps the connection, whatever is done.
   */
  drop(): void {
    this.#isDropped = true;
    this.#changed.clear();
  }

  get #isFull(): boolean {
    return !((this.#controller.desiredSize ?? 0) > 0);
  }

  #send(text: string): void {
    this.#isQuiet = false;
    this.#controller.enqueue(encoder.encode(text));
    if (this.#isFull) this.#fullSince ??= this.#options.now();
  }

  #leave(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#options.onEnd();
    return true;
  }
}
