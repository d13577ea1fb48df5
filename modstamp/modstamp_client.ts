import { EventLoop, formatAddress } from "../loop/mod.ts";
import { Channel } from "./_channel.ts";
import { Exchange, type ExchangeOptions } from "./_exchange.ts";
import { Listener } from "./_listener.ts";
import { EMPTY, sameBytes } from "./_value_table.ts";
import { type Change, ChangeFeed } from "./change.ts";
import {
  checkRange,
  type ListenOptions,
  type ModstampClientOptions,
  type RequestOptions,
} from "./client_options.ts";
import { NoAnswerError, UnconfirmedError, UnreachableError } from "./request_errors.ts";
import { isId } from "./id.ts";
import { MAX_ARGUMENT_BYTES, type Message } from "./message.ts";
import { nextValue } from "./value_strategy.ts";

/** A value as a caller gives it: text is sent as UTF-8, `null` means one made by a strategy. */
export type ModstampValue = string | Uint8Array | null;

const DEFAULT_PORT = 1415;
const MAX_IDS = 10_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A client of a modstamp server. Requests are sent again until they are
 * answered; whoever listens is kept up to date across lost packets, new NAT
 * mappings, changes of network and restarts of the server.
 *
 * @example Listen while somebody changes
 * ```ts
 * import { ModstampClient, ModstampServer } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await ModstampServer.listen({ hostname: "127.0.0.1", port: 0 });
 * const { port } = server.address;
 * await using client = new ModstampClient({ hostname: "127.0.0.1", port });
 * await client.send({ test: "old" });
 * const changes = client.listen({ test: "old" });
 * await client.send({ test: "new" });
 * for await (const { id, value } of changes) {
 *   assertEquals([id, value], ["test", "new"]);
 *   break;
 * }
 * ```
 */
export class ModstampClient implements AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #options: ModstampClientOptions;
  readonly #channel: Channel;
  readonly #receivers = new Set<{ receive(message: Message): void; close(): void }>();
  #closed = false;

  /**
   * Makes a modstamp client.
   *
   * @param options Where the server is and how to talk to it.
   * @throws {RangeError} When the port or `packetBytes` is out of its range.
   */
  constructor(options: ModstampClientOptions) {
    const { port = DEFAULT_PORT, packetBytes = 1300 } = options;
    checkRange("port", port, [1, 65_535]);
    checkRange("packetBytes", packetBytes, [800, 65_507]);
    this.#options = options;
    this.#loop = options.loop ?? EventLoop.default();
    this.#channel = new Channel({
      loop: this.#loop,
      hostname: options.hostname,
      port,
      profile: options.profile,
      packetBytes,
      onMessage: (message) => {
        for (const receiver of this.#receivers) receiver.receive(message);
      },
      onError: options.onError ?? ((error) => reportError(error)),
    });
  }

  /** The server, for messages: `host:port`. */
  get server(): string {
    const { hostname, port = DEFAULT_PORT } = this.#options;
    return formatAddress({ hostname, port });
  }

  /**
   * Reads current values.
   *
   * @param ids The ids.
   * @param options Timeout and signal.
   * @returns The values as UTF-8 text by id, empty for none.
   * @throws {RangeError} When an id is invalid.
   * @throws {UnreachableError} When the server's host is not known or no socket can be had.
   * @throws {NoAnswerError} When the server does not answer in time.
   */
  async get(ids: Iterable<string>, options: RequestOptions = {}): Promise<Map<string, string>> {
    const requests = new Map<string, Message>();
    for (const id of ids) requests.set(checkId(id), { kind: "query", id, value: EMPTY });
    const answers = await this.#exchange(requests, {
      ...options,
      answers: ({ kind }) => kind === "reply",
    });
    const missing = [...requests.keys()].filter((id) => !answers.has(id));
    if (missing.length > 0) throw new NoAnswerError(this.server, missing);
    return new Map(
      [...requests.keys()].map((id) => [id, decoder.decode(answers.get(id)!.value)]),
    );
  }

  /**
   * Changes values and waits until the server has confirmed that they are stored.
   *
   * @param values The new values by id; an empty one deletes.
   * @param options Timeout, signal, and the strategy for values that are `null`.
   * @returns The confirmed values by id.
   * @throws {RangeError} When an id is invalid or a value longer than 255 bytes.
   * @throws {UnreachableError} When the server's host is not known or no socket can be had.
   * @throws {UnconfirmedError} When not all were confirmed in time; tells which were.
   */
  async send(
    values: Readonly<Record<string, ModstampValue>>,
    options: RequestOptions = {},
  ): Promise<Map<string, string>> {
    const requests = new Map<string, Message>();
    for (const [id, value] of await this.#complete(values, options)) {
      requests.set(id, { kind: "change", id, value });
    }
    const answers = await this.#exchange(requests, {
      ...options,
      answers: ({ kind, value }, request) => kind === "confirm" && sameBytes(value, request.value),
    });
    const confirmed = new Map<string, string>();
    for (const [id, { value }] of requests) {
      if (answers.has(id)) confirmed.set(id, decoder.decode(value));
    }
    if (confirmed.size < requests.size) {
      const unconfirmed = [...requests.keys()].filter((id) => !confirmed.has(id));
      throw new UnconfirmedError(this.server, { confirmed, unconfirmed });
    }
    return confirmed;
  }

  /**
   * Subscribes to ids and gives their changes. A reader that is slower than the
   * changes gets the last one of each id.
   *
   * @param known The ids, each with the value that the caller knows, which is
   *   told when it differs, or `null` to be told only what changes from now on.
   * @param options Signal and what to do when the server is silent.
   * @throws {RangeError} When an id, a value or an option is invalid, or there are too many ids.
   * @throws {UnreachableError} While iterating, when the server's host is not known at the start
   *   or no socket can be had.
   * @throws {NoAnswerError} While iterating, when the server has been silent for `silenceMs`.
   */
  listen(
    known: Readonly<Record<string, string | Uint8Array | null>>,
    options: ListenOptions = {},
  ): AsyncIterableIterator<Change> & AsyncDisposable {
    const watched = new Map<string, Uint8Array | null>();
    for (const [id, value] of Object.entries(known)) {
      watched.set(checkId(id), value === null ? null : toBytes(id, value));
    }
    if (watched.size > MAX_IDS) {
      throw new RangeError(`Cannot listen to ${watched.size} modstamps as ${MAX_IDS} are the most`);
    }
    const { silenceMs = 300_000, minQueryMs = 59_000, maxQueryMs = 61_000 } = options;
    checkRange("silenceMs", silenceMs, [1, Infinity]);
    checkRange("maxQueryMs", maxQueryMs, [1, 86_400_000]);
    checkRange("minQueryMs", minQueryMs, [0, maxQueryMs]);
    let listener: Listener | null = null;
    const receiver = {
      receive: (message: Message) => listener?.receive(message),
      close: () => feed.end(),
    };
    this.#receivers.add(receiver);
    const feed = new ChangeFeed({
      signal: options.signal,
      onEnd: () => {
        listener?.close();
        this.#receivers.delete(receiver);
      },
    });
    const start = (): void => {
      if (!this.#receivers.has(receiver)) return;
      listener = new Listener({
        loop: this.#loop,
        channel: this.#channel,
        known: watched,
        queryMs: [minQueryMs, maxQueryMs],
        silenceMs,
        onChange: (id, bytes) => feed.push({ id, value: decoder.decode(bytes), bytes }),
        onSilence: options.onSilence ??
          (() => feed.fail(new NoAnswerError(this.server, [...watched.keys()]))),
      });
    };
    this.#open().then(start, (error) => feed.fail(error));
    return feed;
  }

  /** Ends what is under way and closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const receiver of [...this.#receivers]) receiver.close();
    await this.#channel.close();
  }

  async #open(): Promise<void> {
    if (this.#closed) throw new TypeError("Cannot use modstamp client as it was closed");
    try {
      await this.#channel.open();
    } catch (cause) {
      throw new UnreachableError(this.server, { cause });
    }
  }

  async #exchange(
    requests: ReadonlyMap<string, Message>,
    options: RequestOptions & { answers: ExchangeOptions["answers"] },
  ): Promise<Map<string, Message>> {
    options.signal?.throwIfAborted();
    if (requests.size === 0) return new Map();
    const exchange = new Exchange({
      loop: this.#loop,
      channel: this.#channel,
      requests,
      answers: options.answers,
      timeoutMs: options.timeoutMs ?? 5000,
      signal: options.signal,
    });
    this.#receivers.add(exchange);
    this.#open().then(() => exchange.start(), (error) => exchange.fail(error));
    try {
      return await exchange.done;
    } finally {
      this.#receivers.delete(exchange);
    }
  }

  async #complete(
    values: Readonly<Record<string, ModstampValue>>,
    options: RequestOptions,
  ): Promise<Map<string, Uint8Array>> {
    const { strategy = "random" } = options;
    const unnamed = Object.keys(values).filter((id) => values[checkId(id)] === null);
    const current = strategy === "counter" ? await this.get(unnamed, options) : null;
    const complete = new Map<string, Uint8Array>();
    for (const [id, value] of Object.entries(values)) {
      const chosen = value ?? nextValue(strategy, current?.get(id) ?? "", this.#loop);
      complete.set(id, toBytes(id, chosen));
    }
    return complete;
  }
}

function checkId(id: string): string {
  if (isId(id)) return id;
  throw new RangeError(
    `Cannot use modstamp id ${JSON.stringify(id)} as it is not 1 to 255 of 0-9 A-Z a-z _ . : -`,
  );
}

function toBytes(id: string, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  if (bytes.length <= MAX_ARGUMENT_BYTES) return bytes;
  throw new RangeError(
    `Cannot use the value of modstamp ${id} as it has more than 255 bytes: ${bytes.length}`,
  );
}
