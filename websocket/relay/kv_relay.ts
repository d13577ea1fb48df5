import { EventLoop, type Handle } from "../../loop/mod.ts";
import { ChannelTable } from "./channel_table.ts";
import { decodeParcel, encodeFrame, joinFrames } from "./parcel.ts";
import type { Relay, RelayHandler } from "./relay.ts";

/** Options of {@linkcode KvRelay.open}. */
export interface KvRelayOptions {
  /**
   * What all keys begin with. Relays with the same are connected.
   *
   * @default {["relay"]}
   */
  prefix?: Deno.KvKey;
  /**
   * Most bytes that wait to be written; what is more is dropped.
   *
   * @default {1_048_576}
   */
  maxWaitingBytes?: number;
  /**
   * How long messages are kept for those that are cut off meanwhile, in milliseconds.
   *
   * @default {60_000}
   */
  keepMs?: number;
  /**
   * Told of what fails, and is tried again.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
  /**
   * The loop that times it.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/** What fits into one value of the database, with a margin. */
const PARCEL_BYTES = 60_000;
const NAME_BYTES = 12;
/** How long a relay that sends nothing is remembered. */
const SENDER_MS = 600_000;
const MAX_SENDERS = 10_000;
const RETRY_MS = 1000;

/**
 * Passes messages between servers that share a Deno KV, such as the isolates of an edge platform:
 * a few written at a time, and read by who is told by `Deno.Kv.watch` that there are some.
 * Those of one sender arrive in order, a moment later; a message has at most 59 kB.
 *
 * @example Rooms of two servers are one
 * ```ts
 * import { KvRelay, Rooms } from "@sluice/sluice/websocket";
 *
 * const kv = await Deno.openKv(":memory:");
 * {
 *   await using relay = await KvRelay.open(kv);
 *   const rooms = new Rooms({ onMessage() {} }, { relay });
 *   rooms.broadcast("red", "hello");
 * }
 * kv.close();
 * ```
 */
export class KvRelay implements Relay {
  readonly #kv: Deno.Kv;
  readonly #loop: EventLoop;
  readonly #prefix: Deno.KvKey;
  readonly #name: string;
  readonly #maxWaitingBytes: number;
  readonly #keepMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #channels = new ChannelTable();
  /** How far each of the others was read. */
  readonly #read = new Map<string, number>();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sequence = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #watcher: ReadableStreamDefaultReader<unknown> | null = null;
  #watching: Promise<void> = Promise.resolve();
  #rewatch: Handle | null = null;
  #closed = false;

  private constructor(kv: Deno.Kv, options: KvRelayOptions) {
    this.#kv = kv;
    this.#loop = options.loop ?? EventLoop.default();
    this.#prefix = options.prefix ?? ["relay"];
    this.#name = this.#loop.random.bytes(NAME_BYTES).toHex();
    this.#maxWaitingBytes = options.maxWaitingBytes ?? 1_048_576;
    this.#keepMs = options.keepMs ?? 60_000;
    this.#onError = options.onError ?? reportError;
  }

  /**
   * Joins the others on a database.
   *
   * @param kv The database; it is not closed with the relay.
   * @param options See {@linkcode KvRelayOptions}.
   */
  static async open(kv: Deno.Kv, options: KvRelayOptions = {}): Promise<KvRelay> {
    const relay = new KvRelay(kv, options);
    // What was sent before is not for this one.
    for (const [sender, sequence] of await relay.#senders()) relay.#read.set(sender, sequence);
    relay.#watching = relay.#watch();
    return relay;
  }

  /** Messages that were not sent, as the database was away or too slow, or they were too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sends a message to all others. */
  send(channel: string, bytes: Uint8Array): boolean {
    const frame = encodeFrame(channel, bytes);
    const isTooMuch = this.#waitingBytes + frame.length > this.#maxWaitingBytes;
    if (this.#closed || frame.length > PARCEL_BYTES || isTooMuch) {
      this.#dropped++;
      return false;
    }
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    this.#writing ??= this.#write();
    return true;
  }

  /** Has `handler` called with each message of others. */
  listen(channel: string, handler: RelayHandler): Disposable {
    return this.#channels.add(channel, handler);
  }

  /** Waits until what was sent is written, and leaves the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#rewatch?.cancel();
    await this.#watcher?.cancel().catch(() => undefined);
    await this.#watching;
  }

  async #write(): Promise<void> {
    // What is sent at the same time goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const frames = this.#take();
      const sequence = ++this.#sequence;
      try {
        await this.#kv.atomic()
          .set(this.#key("parcel", this.#name, sequence), joinFrames(frames), {
            expireIn: this.#keepMs,
          })
          .set(this.#key("sender", this.#name), sequence, { expireIn: SENDER_MS })
          .set(this.#key("news"), `${this.#name} ${sequence}`)
          .commit();
      } catch (error) {
        this.#dropped += frames.length;
        this.#onError(error);
      }
    }
    this.#writing = null;
  }

  #take(): Uint8Array[] {
    let [count, bytes] = [0, 0];
    while (count < this.#waiting.length) {
      bytes += this.#waiting[count]!.length;
      if (bytes > PARCEL_BYTES) break;
      count++;
    }
    const frames = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    for (const { length } of frames) this.#waitingBytes -= length;
    return frames;
  }

  async #watch(): Promise<void> {
    try {
      const watcher = this.#watcher = this.#kv.watch([this.#key("news")]).getReader();
      while (!(await watcher.read()).done && !this.#closed) await this.#receive();
    } catch (error) {
      if (!this.#closed) this.#onError(error);
    }
    if (this.#closed) return;
    this.#rewatch = this.#loop.callLater(RETRY_MS, () => void (this.#watching = this.#watch()));
  }

  async #receive(): Promise<void> {
    for (const [sender, sequence] of await this.#senders()) {
      const from = this.#read.get(sender) ?? 0;
      if (sequence <= from) continue;
      const start = this.#key("parcel", sender, from + 1);
      const end = this.#key("parcel", sender, sequence + 1);
      for await (const { value } of this.#kv.list<Uint8Array>({ start, end })) {
        for (const { channel, bytes } of decodeParcel(value)) {
          this.#channels.deliver(channel, bytes);
        }
      }
      this.#note(sender, sequence);
    }
  }

  /** How much each of the others has sent. */
  async #senders(): Promise<Map<string, number>> {
    const senders = new Map<string, number>();
    for await (const { key, value } of this.#kv.list<number>({ prefix: this.#key("sender") })) {
      const name = String(key.at(-1));
      if (name !== this.#name) senders.set(name, value);
    }
    return senders;
  }

  #note(sender: string, sequence: number): void {
    this.#read.delete(sender);
    this.#read.set(sender, sequence);
    if (this.#read.size > MAX_SENDERS) this.#read.delete(this.#read.keys().next().value!);
  }

  #key(...parts: Deno.KvKeyPart[]): Deno.KvKey {
    return [...this.#prefix, ...parts];
  }
}
