import { EventLoop, formatAddress, type Handle } from "../loop/mod.ts";
import { Link } from "./_link.ts";
import { loadNodeRedis } from "./_node_redis.ts";
import {
  type RedisConnectionOptions,
  type RedisConnectionSettings,
  settleRedisOptions,
} from "./redis_connection_options.ts";
import { RedisError } from "./redis_error.ts";
import type { RedisReply } from "./redis_reply.ts";
import type { RedisScript, RedisScriptCall } from "./redis_script.ts";
import { parseRedisUrl, type RedisTarget } from "./redis_url.ts";

/** Options of one call. */
export interface RedisCallOptions {
  /**
   * Whether the command may be sent again when the connection is lost before its reply, as
   * doing it twice is the same as doing it once.
   *
   * @default {false}
   */
  retry?: boolean;
  /**
   * How long it may take in all, in milliseconds.
   *
   * @default {callTimeoutMs of the connection}
   */
  timeoutMs?: number;
}

interface Subscription {
  readonly channel: string;
  readonly listener: (message: Uint8Array) => void;
}

/**
 * A connection to Redis that is kept: pinged when it was unused for a while, made again when it is
 * lost. Calls wait for it, but not for long and not too many. The client, npm:redis, is loaded
 * when the first connection is opened.
 *
 * @example A counter
 * ```ts ignore
 * import { RedisConnection } from "@sluice/sluice/redis";
 *
 * await using redis = await RedisConnection.open("redis://localhost");
 * console.log(await redis.call(["INCR", "visits"]));
 * ```
 */
export class RedisConnection implements AsyncDisposable {
  readonly #target: RedisTarget;
  readonly #settings: RedisConnectionSettings;
  readonly #loop: EventLoop;
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(isConnected: boolean) => void>();
  #link: Link | null = null;
  #next: PromiseWithResolvers<Link> = Promise.withResolvers();
  #trouble: RedisError | null = null;
  #calls = 0;
  #attempts = 0;
  #lastReplyAt = 0;
  #check: Handle | null = null;
  #retry: Handle | null = null;
  #closed = false;

  private constructor(target: RedisTarget, settings: RedisConnectionSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#loop = settings.loop;
    this.#next.promise.catch(() => undefined);
  }

  /**
   * Connects.
   *
   * @param url `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/NUMBER]`.
   * @param options See {@linkcode RedisConnectionOptions}.
   * @throws {SyntaxError} When the URL is none.
   * @throws {RangeError} When an option is out of range.
   * @throws {RedisError} When there is no connection, or the password is wrong.
   */
  static async open(url: string, options: RedisConnectionOptions = {}): Promise<RedisConnection> {
    const { loop = EventLoop.default() } = options;
    const connection = new RedisConnection(parseRedisUrl(url), settleRedisOptions(options, loop));
    const until = loop.now() + connection.#settings.patienceMs;
    for (;;) {
      try {
        connection.#adopt(await connection.#dial());
        return connection;
      } catch (error) {
        if (!(error instanceof RedisError)) throw error;
        if (error.code === "refused" || loop.now() >= until) throw error;
        connection.#report(error);
        await loop.sleep(connection.#backoff());
      }
    }
  }

  /** The URL without user and password. */
  get display(): string {
    return this.#target.display;
  }

  /** Whether there is a connection at the moment. */
  get isConnected(): boolean {
    return this.#link !== null;
  }

  /**
   * Sends a command.
   *
   * @param args Its name and arguments.
   * @param options See {@linkcode RedisCallOptions}.
   * @throws {RedisError} When it could not be done, or perhaps was, but no answer came.
   */
  async call(
    args: readonly (string | Uint8Array)[],
    options: RedisCallOptions = {},
  ): Promise<RedisReply> {
    if (this.#closed) throw closedError();
    if (this.#calls >= this.#settings.maxCalls) {
      throw new RedisError(
        `Cannot call Redis as ${this.#calls} calls wait already`,
        { code: "busy" },
      );
    }
    this.#calls++;
    try {
      return await this.#within(options, (isLate) => this.#send(args, options, isLate));
    } finally {
      this.#calls--;
    }
  }

  /**
   * Runs a script; Redis is taught it when it doesn't know it.
   *
   * @param script The script.
   * @param call Its keys and arguments.
   * @param options See {@linkcode RedisCallOptions}.
   * @throws {RedisError} As {@linkcode call} does.
   */
  async run(
    script: RedisScript,
    call: RedisScriptCall,
    options?: RedisCallOptions,
  ): Promise<RedisReply> {
    const rest = [String(call.keys.length), ...call.keys, ...call.args ?? []];
    try {
      return await this.call(["EVALSHA", script.sha1, ...rest], options);
    } catch (error) {
      if (!(error instanceof RedisError) || !isUnknownScript(error)) throw error;
      return await this.call(["EVAL", script.source, ...rest], options);
    }
  }

  /**
   * Calls `listener` with each message of a channel, also after the connection was lost and made
   * again; those in between are missed.
   *
   * @param channel The channel.
   * @param listener Called with each message.
   * @returns Stops calling.
   */
  async subscribe(
    channel: string,
    listener: (message: Uint8Array) => void,
  ): Promise<Disposable> {
    if (this.#closed) throw closedError();
    const subscription = { channel, listener };
    this.#subscriptions.add(subscription);
    const link = this.#link;
    if (link !== null) await this.#subscribeOn(link, subscription);
    return { [Symbol.dispose]: () => void this.#subscriptions.delete(subscription) };
  }

  /**
   * Calls `listener` with `false` when the connection is lost, before any message that comes by
   * the next one, and with `true` when there is one again, with all subscriptions in force.
   *
   * @returns Stops calling.
   */
  onState(listener: (isConnected: boolean) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Closes at once; calls that are under way are rejected. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#check?.cancel();
    this.#retry?.cancel();
    this.#next.reject(closedError());
    this.#link?.close();
    this.#link = null;
    return Promise.resolve();
  }

  async #send(
    args: readonly (string | Uint8Array)[],
    options: RedisCallOptions,
    isLate: () => boolean,
  ): Promise<RedisReply> {
    for (;;) {
      const link = this.#link ?? await this.#next.promise;
      if (isLate()) return null;
      try {
        const reply = await link.send(args);
        this.#lastReplyAt = this.#loop.now();
        return reply;
      } catch (error) {
        if (this.#closed) throw closedError();
        const isLost = error instanceof RedisError && error.code === "offline";
        if (!isLost || options.retry !== true) throw error;
      }
    }
  }

  /** Gives up on what takes too long; a link that doesn't answer is left. */
  #within<T>(
    options: RedisCallOptions,
    run: (isLate: () => boolean) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs = this.#settings.callTimeoutMs } = options;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const startedAt = this.#loop.now();
      const timer = this.#loop.callLater(timeoutMs, () => {
        isLate = true;
        reject(this.#lateError(timeoutMs));
        if (this.#lastReplyAt < startedAt) this.#abandon();
      });
      run(() => isLate).then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #lateError(timeoutMs: number): RedisError {
    if (this.#link !== null) {
      return new RedisError(
        `Cannot wait for Redis at ${this.display} as it has not answered for ${timeoutMs} ms`,
        { code: "timeout" },
      );
    }
    const reason = this.#trouble?.message ?? `Cannot use Redis at ${this.display}`;
    return new RedisError(reason, { code: this.#trouble?.code ?? "offline", cause: this.#trouble });
  }

  #abandon(): void {
    if (this.#link === null) return;
    this.#link.close();
    this.#lose(this.#link, this.#lateError(this.#settings.callTimeoutMs));
  }

  /** Tries the servers in turn, each once. */
  async #dial(): Promise<Link> {
    const failures: RedisError[] = [];
    // The client may have to be downloaded, which is not the server's fault.
    await loadNodeRedis();
    for (const address of this.#target.addresses) {
      let link: Link | null = null;
      try {
        link = await this.#dialOne(address, (error) => this.#lose(link, error));
        if (!this.#closed) return link;
        link.close();
        throw closedError();
      } catch (error) {
        if (!(error instanceof RedisError)) throw error;
        failures.push(error);
      }
    }
    throw failures.find(({ code }) => code === "refused") ?? failures.at(-1)!;
  }

  // What hangs after the connection is open is waited for no longer than that.
  #dialOne(
    address: RedisTarget["addresses"][number],
    onLost: (error: RedisError) => void,
  ): Promise<Link> {
    const { connectTimeoutMs } = this.#settings;
    const opening = Link.open(address, { target: this.#target, connectTimeoutMs, onLost });
    return new Promise((resolve, reject) => {
      const timer = this.#loop.callLater(connectTimeoutMs, () => {
        opening.then((link) => link.close(), () => undefined);
        const name = formatAddress(address);
        reject(
          new RedisError(`Cannot use Redis at ${name} as it does not answer`, { code: "timeout" }),
        );
      });
      opening.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #adopt(link: Link): void {
    this.#link = link;
    this.#attempts = 0;
    this.#trouble = null;
    this.#lastReplyAt = this.#loop.now();
    const next = this.#next;
    this.#next = Promise.withResolvers();
    this.#next.promise.catch(() => undefined);
    next.resolve(link);
    this.#armCheck();
  }

  #armCheck(): void {
    const { checkEveryMs } = this.#settings;
    this.#check?.cancel();
    this.#check = this.#loop.callAt(this.#lastReplyAt + checkEveryMs, () => {
      if (this.#link === null) return;
      if (this.#loop.now() - this.#lastReplyAt < checkEveryMs) return this.#armCheck();
      // A ping that fails has the connection made again, which is all there is to do.
      this.call(["PING"]).catch(() => undefined).finally(() => {
        if (this.#link !== null) this.#armCheck();
      });
    });
  }

  #lose(link: Link | null, error: RedisError): void {
    if (link === null || this.#link !== link || this.#closed) return;
    this.#link = null;
    this.#check?.cancel();
    this.#report(error);
    for (const listener of this.#listeners) listener(false);
    this.#scheduleDial();
  }

  #scheduleDial(): void {
    this.#retry = this.#loop.callLater(this.#backoff(), () => this.#redial());
  }

  async #redial(): Promise<void> {
    try {
      const link = await this.#dial();
      for (const each of this.#subscriptions) await this.#subscribeOn(link, each);
      if (!link.isOpen) throw this.#lateError(0);
      this.#adopt(link);
    } catch (error) {
      if (this.#closed) return;
      if (!(error instanceof RedisError)) throw error;
      this.#report(error);
      return this.#scheduleDial();
    }
    this.#settings.onRecovery();
    for (const listener of this.#listeners) listener(true);
  }

  #subscribeOn(link: Link, subscription: Subscription): Promise<void> {
    return link.subscribe(subscription.channel, (message) => {
      this.#lastReplyAt = this.#loop.now();
      if (this.#subscriptions.has(subscription)) subscription.listener(message);
    });
  }

  #report(error: RedisError): void {
    const isNews = this.#trouble?.message !== error.message;
    this.#trouble = error;
    if (isNews) this.#settings.onTrouble(error);
  }

  #backoff(): number {
    const { minBackoffMs, maxBackoffMs } = this.#settings;
    const pause = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(this.#attempts++, 30));
    return pause * (1 - this.#loop.random.next() / 2);
  }
}

function isUnknownScript({ cause }: RedisError): boolean {
  return cause instanceof Error && cause.message.startsWith("NOSCRIPT");
}

function closedError(): RedisError {
  return new RedisError("Cannot call Redis as the connection is closed", { code: "closed" });
}
