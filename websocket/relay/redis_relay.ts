import { EventLoop } from "../../loop/mod.ts";
import { RedisConnection, type RedisConnectionOptions, RedisError } from "../../redis/mod.ts";
import { ChannelTable } from "./channel_table.ts";
import type { Relay, RelayHandler } from "./relay.ts";

const ORIGIN_BYTES = 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Options of {@linkcode RedisRelay.open}. */
export interface RedisRelayOptions extends RedisConnectionOptions {
  /**
   * The channel of Redis that the messages go through. Relays with the same are connected.
   *
   * @default {"sluice.relay"}
   */
  channel?: string;
}

/**
 * Passes messages between servers on several machines, through publish and subscribe of Redis.
 * While Redis is away, what is sent is dropped and counted; servers go on by themselves.
 *
 * @example One chat on several machines
 * ```ts ignore
 * import { RedisRelay, Rooms } from "@sluice/sluice/websocket";
 *
 * const relay = await RedisRelay.open("redis://localhost");
 * const rooms = new Rooms({ onMessage() {} }, { relay });
 * rooms.broadcast("red", "hello");
 * ```
 */
export class RedisRelay implements Relay {
  readonly #redis: RedisConnection;
  readonly #channel: string;
  readonly #origin: Uint8Array;
  readonly #channels = new ChannelTable();
  #dropped = 0;

  private constructor(redis: RedisConnection, options: RedisRelayOptions) {
    this.#redis = redis;
    this.#channel = options.channel ?? "sluice.relay";
    this.#origin = (options.loop ?? EventLoop.default()).random.bytes(ORIGIN_BYTES);
  }

  /**
   * Connects to a Redis.
   *
   * @param url `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,…][/NUMBER]`.
   * @param options See {@linkcode RedisRelayOptions}.
   * @throws {SyntaxError} When the URL is none.
   * @throws {RedisError} When there is no connection, or the password is wrong.
   */
  static async open(url: string, options: RedisRelayOptions = {}): Promise<RedisRelay> {
    const redis = await RedisConnection.open(url, options);
    const relay = new RedisRelay(redis, options);
    try {
      await redis.subscribe(relay.#channel, (message) => relay.#receive(message));
    } catch (error) {
      await redis[Symbol.asyncDispose]();
      throw error;
    }
    return relay;
  }

  /** Messages that were not sent, as Redis was away or too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sends a message to all others. */
  send(channel: string, bytes: Uint8Array): boolean {
    if (!this.#redis.isConnected) {
      this.#dropped++;
      return false;
    }
    const name = encoder.encode(channel);
    const message = new Uint8Array(ORIGIN_BYTES + 1 + name.length + bytes.length);
    message.set(this.#origin);
    message[ORIGIN_BYTES] = name.length;
    message.set(name, ORIGIN_BYTES + 1);
    message.set(bytes, ORIGIN_BYTES + 1 + name.length);
    this.#redis.call(["PUBLISH", this.#channel, message]).catch((error) => {
      if (!(error instanceof RedisError)) throw error;
      this.#dropped++;
    });
    return true;
  }

  /** Has `handler` called with each message of others. */
  listen(channel: string, handler: RelayHandler): Disposable {
    return this.#channels.add(channel, handler);
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis[Symbol.asyncDispose]();
  }

  #receive(message: Uint8Array): void {
    if (message.length <= ORIGIN_BYTES) return;
    if (this.#origin.every((byte, i) => byte === message[i])) return;
    const end = ORIGIN_BYTES + 1 + message[ORIGIN_BYTES];
    const channel = decoder.decode(message.subarray(ORIGIN_BYTES + 1, end));
    this.#channels.deliver(channel, message.subarray(end));
  }
}
