import type { EventLoop, Handle } from "../../loop/mod.ts";
import { EventStream } from "./event_stream.ts";
import type { GatewayStats } from "./gateway_stats.ts";
import { ResumeToken } from "./resume_token.ts";
import type { WatchHub } from "./watch_hub.ts";

/** What streams need. */
export interface EventStreamsOptions {
  readonly loop: EventLoop;
  readonly hub: WatchHub;
  readonly stats: GatewayStats;
  readonly maxStreams: number;
  readonly heartbeatMs: number;
  readonly slowTimeoutMs: number;
}

/** Streams that are written to in one iteration of the loop. */
const AT_ONCE = 256;
/** Clients whose server went away come back within this time, not all at once. */
const RETRY_MS: readonly [least: number, most: number] = [1000, 3000];

/** The streams of server-sent events of a gateway. */
export class EventStreams implements Disposable {
  readonly #options: EventStreamsOptions;
  readonly #streams = new Set<EventStream>();
  /** Streams that were dropped, and whose clients are still there. */
  readonly #dropped = new Set<EventStream>();
  readonly #changed = new Set<EventStream>();
  #flushing: Handle | null = null;
  #beating: Handle | null = null;

  /**
   * @param options See {@linkcode EventStreamsOptions}.
   */
  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Opens a stream.
   *
   * @param ids The ids that it tells of.
   * @param lastEventId What the client came back with.
   * @returns Its body; `null` when there are too many.
   */
  open(
    ids: readonly string[],
    lastEventId: string | null,
  ): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const { loop, hub, stats, maxStreams, heartbeatMs } = this.#options;
    if (this.#streams.size >= maxStreams) return null;
    const watch = hub.watch(ids, (id) => this.#change(stream, id));
    const stream: EventStream = new EventStream({
      ids,
      token: ResumeToken.from(ids, lastEventId),
      retryMs: Math.round(RETRY_MS[0] + loop.random.next() * (RETRY_MS[1] - RETRY_MS[0])),
      now: () => loop.now(),
      news: (id) => hub.news(id),
      onEvents: (count) => void (stats.events += count),
      onEnd: () => {
        watch[Symbol.dispose]();
        this.#leave(stream);
      },
    });
    this.#streams.add(stream);
    this.#beating ??= loop.every(heartbeatMs, () => this.#beat());
    return stream.readable;
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const stream of [...this.#streams, ...this.#dropped]) stream.end();
  }

  #change(stream: EventStream, id: string): void {
    stream.change(id);
    this.#changed.add(stream);
    this.#flushing ??= this.#options.loop.callSoon(() => this.#flush());
  }

  #flush(): void {
    let count = 0;
    for (const stream of this.#changed) {
      if (count++ === AT_ONCE) break;
      this.#changed.delete(stream);
      stream.flush();
    }
    this.#flushing = this.#changed.size === 0
      ? null
      : this.#options.loop.callSoon(() => this.#flush());
  }

  #beat(): void {
    const { slowTimeoutMs, maxStreams, stats } = this.#options;
    for (const stream of [...this.#streams]) {
      // Those that are dropped are as many at most, so that connections are bounded.
      if (stream.beat(slowTimeoutMs) || this.#dropped.size >= maxStreams) continue;
      stats.dropped++;
      stream.drop();
      this.#dropped.add(stream);
      this.#forget(stream);
    }
  }

  #leave(stream: EventStream): void {
    this.#dropped.delete(stream);
    this.#forget(stream);
  }

  #forget(stream: EventStream): void {
    this.#changed.delete(stream);
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#beating?.cancel();
    this.#beating = null;
  }
}
