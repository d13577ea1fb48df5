import { Buffer } from "node:buffer";
import { formatAddress } from "../loop/mod.ts";
import { loadNodeRedis, type NodeRedis, type NodeRedisClient } from "./_node_redis.ts";
import { RedisError } from "./redis_error.ts";
import type { RedisReply } from "./redis_reply.ts";
import type { RedisAddress, RedisTarget } from "./redis_url.ts";

/** Has texts of any length come as bytes, whatever they hold. */
const AS_BYTES = { typeMapping: { 36: Buffer } };

/** Options of {@linkcode Link.open}. */
export interface LinkOptions {
  /** How long the connection may take to open. */
  connectTimeoutMs: number;
  /** Called once when an open link is lost. */
  onLost: (error: RedisError) => void;
}

/** One connection to one server, until it is lost. */
export class Link {
  readonly #client: NodeRedisClient;
  readonly #redis: NodeRedis;
  readonly #name: string;
  readonly #onLost: (error: RedisError) => void;
  /** Rejected when the link is lost or closed: the client lets subscriptions wait for the next. */
  readonly #gone: PromiseWithResolvers<never> = Promise.withResolvers();
  #isOpen = false;
  #loss: RedisError | null = null;

  private constructor(parts: {
    client: NodeRedisClient;
    redis: NodeRedis;
    name: string;
    onLost: (error: RedisError) => void;
  }) {
    this.#client = parts.client;
    this.#redis = parts.redis;
    this.#name = parts.name;
    this.#onLost = parts.onLost;
    this.#gone.promise.catch(() => undefined);
    // The error of a failing connect rejects it, too; here it must only be listened to.
    this.#client.on("error", (error) => this.#lose(error));
  }

  /** Connects, and makes sure that the server is a master that is ready. */
  static async open(
    address: RedisAddress,
    options: LinkOptions & { target: RedisTarget },
  ): Promise<Link> {
    const { target, connectTimeoutMs, onLost } = options;
    const redis = await loadNodeRedis();
    const client = redis.createClient({
      username: target.username,
      password: target.password,
      database: target.database,
      RESP: 3,
      disableOfflineQueue: true,
      socket: {
        host: address.hostname,
        port: address.port,
        ...(target.tls ? { tls: true } : {}),
        connectTimeout: connectTimeoutMs,
        reconnectStrategy: false,
      },
    });
    const link = new Link({ client, redis, name: formatAddress(address), onLost });
    try {
      await client.connect();
      link.#isOpen = true;
      await link.#check();
      return link;
    } catch (error) {
      link.close();
      throw link.#explain(error);
    }
  }

  /** Whether it has not been lost or closed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends a command; its reply has texts as bytes. */
  async send(args: readonly (string | Uint8Array)[]): Promise<RedisReply> {
    try {
      return asReply(await this.#client.sendCommand(args.map(asArgument), AS_BYTES));
    } catch (error) {
      const known = this.#explain(error);
      if (known.code === "offline") this.#lose(error);
      throw known;
    }
  }

  /** Has `listener` called with the messages of a channel. */
  async subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<void> {
    try {
      const take = (message: Buffer): void => listener(asBytes(message));
      await Promise.race([this.#gone.promise, this.#client.subscribe(channel, take, true)]);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Closes at once; nothing is told of it. */
  close(): void {
    this.#isOpen = false;
    const reason = `Cannot use Redis at ${this.#name} as the connection is closed`;
    this.#gone.reject(new RedisError(reason, { code: "offline" }));
    try {
      this.#client.destroy();
    } catch {
      // It is closed already.
    }
  }

  async #check(): Promise<void> {
    await this.send(["PING"]);
    let role: RedisReply = null;
    try {
      role = await this.send(["ROLE"]);
    } catch (error) {
      // A user who may not ask is told by the first write.
      if (!(error instanceof RedisError) || error.code === "offline") throw error;
    }
    const [name] = Array.isArray(role) ? role : [];
    if (name instanceof Uint8Array && new TextDecoder().decode(name) === "slave") {
      throw new RedisError(`Cannot use Redis at ${this.#name} as it is a replica`, {
        code: "offline",
      });
    }
  }

  #lose(error: unknown): void {
    if (!this.#isOpen) return;
    this.#loss = this.#explain(error);
    this.close();
    this.#onLost(this.#loss);
  }

  #explain(error: unknown): RedisError {
    if (error instanceof RedisError) return error;
    // Whatever the client says of calls that it has given up since, this is why.
    if (this.#loss !== null) return this.#loss;
    const cause = error instanceof Error ? error : new TypeError(String(error));
    const reason = reasonOf(cause);
    const code = cause instanceof this.#redis.ErrorReply ? codeOf(cause.message) : "offline";
    return new RedisError(`Cannot use Redis at ${this.#name} as ${reason}`, { code, cause });
  }
}

function asArgument(arg: string | Uint8Array): string | Buffer {
  if (typeof arg === "string") return arg;
  return Buffer.from(arg.buffer as ArrayBuffer, arg.byteOffset, arg.byteLength);
}

function asReply(value: unknown): RedisReply {
  if (value instanceof Buffer) return asBytes(value);
  return Array.isArray(value) ? value.map(asReply) : value as RedisReply;
}

function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

/** A server that is not (or no longer) what takes writes is left, as one that is not there. */
function codeOf(message: string): "refused" | "full" | "offline" | "reply" {
  const [word] = message.split(" ", 1);
  switch (word) {
    case "NOAUTH":
    case "WRONGPASS":
    case "NOPERM":
      return "refused";
    case "OOM":
      return "full";
    case "LOADING":
    case "READONLY":
    case "MASTERDOWN":
    case "UNBLOCKED":
      return "offline";
    default:
      // A script is told of in the middle of a sentence.
      return message.includes("-OOM ") ? "full" : "reply";
  }
}

function reasonOf(cause: Error): string {
  const { code } = cause as { code?: string };
  switch (code) {
    case "ECONNREFUSED":
      return "nobody listens there";
    case "ENOTFOUND":
      return "the name is not known";
    case "ETIMEDOUT":
      return "it does not answer";
  }
  const text = cause.message.split("\n")[0].replace(/\.$/, "");
  if (text.startsWith("WRONGPASS")) return "the user or password is wrong";
  if (text.startsWith("NOAUTH")) return "it asks for a password";
  if (text.startsWith("OOM")) return "its memory is full";
  return text.replace(/^[A-Z][a-z]/, (letters) => letters.toLowerCase());
}
