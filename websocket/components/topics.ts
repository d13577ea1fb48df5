import { EventLoop } from "../../loop/mod.ts";
import type { Application, CloseInfo } from "../application.ts";
import { Attribute } from "../attribute.ts";
import { Component, subprotocolsOf } from "../component.ts";
import type { Connection } from "../connection.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import { TopicLog } from "./topic_log.ts";
import { decodeTopicRequest, type TopicRequest } from "./topic_message.ts";

/** The subprotocol that {@linkcode Topics} and the browser client speak. */
export const TOPICS_SUBPROTOCOL = "sluice.topics";

/** Options of {@linkcode Topics}. */
export interface TopicsOptions {
  /**
   * Whether a client may subscribe to a topic.
   *
   * @default {all may}
   */
  maySubscribe?: (connection: Connection, topic: string) => boolean | Promise<boolean>;
  /**
   * Whether a client may publish to a topic.
   *
   * @default {none may}
   */
  mayPublish?: (connection: Connection, topic: string) => boolean | Promise<boolean>;
  /**
   * Most events a topic that are kept for clients that come back; 0 for none.
   *
   * @default {0}
   */
  historyEvents?: number;
  /**
   * Most characters that the kept events of a topic take.
   *
   * @default {262_144}
   */
  maxHistoryCharacters?: number;
  /**
   * Most topics with subscribers or kept events. Of those without subscribers
   * the one that was published to the longest ago is forgotten first; when all
   * have subscribers, further ones are refused.
   *
   * @default {4096}
   */
  maxTopics?: number;
  /**
   * Most topics that a connection can be subscribed to.
   *
   * @default {256}
   */
  maxTopicsPerConnection?: number;
  /**
   * The loop whose random source names this run of the server, so that clients
   * notice when numbers begin anew.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

interface Topic {
  readonly log: TopicLog;
  readonly subscribers: Set<Connection>;
}

const EPOCH_BYTES = 6;

/**
 * Topics that clients subscribe to, for the browser client that comes with
 * this package: a client that was cut off gets what it has missed, as far as
 * it was kept, or is told that there is a gap.
 *
 * Messages that are about something else go on to the wrapped application.
 *
 * @example News with the last hundred events
 * ```ts
 * import { Topics, WsServer } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const topics = new Topics({ onMessage() {} }, { historyEvents: 100 });
 * new WsServer(topics);
 * assertEquals(topics.publish("news", { title: "It works" }), 0);
 * ```
 */
export class Topics extends Component {
  readonly #options: TopicsOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #joined = new Attribute<Set<string>>("topics");
  readonly #epoch: string;
  #published = 0;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @param options See {@linkcode TopicsOptions}.
   * @throws {TypeError} When `inner` can't stand there.
   */
  constructor(inner: Application, options: TopicsOptions = {}) {
    super(inner);
    this.#options = options;
    this.#epoch = (options.loop ?? EventLoop.default()).random.bytes(EPOCH_BYTES).toHex();
  }

  /** Its own subprotocol, then those of what it wraps. */
  override subprotocols(request: HandshakeRequest): readonly string[] {
    return [TOPICS_SUBPROTOCOL, ...subprotocolsOf(this.inner, request)];
  }

  /** The topics that have subscribers, or events that are kept. */
  names(): IterableIterator<string> {
    return this.#topics.keys();
  }

  /** Those subscribed to a topic. */
  subscribers(topic: string): ReadonlySet<Connection> {
    return this.#topics.get(topic)?.subscribers ?? new Set();
  }

  /**
   * Publishes an event.
   *
   * @param name The topic.
   * @param data What JSON can say.
   * @returns How many it was sent to.
   * @throws {RangeError} When there are too many topics with subscribers.
   */
  publish(name: string, data: unknown): number {
    const topic = this.#ask(name);
    this.#published++;
    // A topic published to is the last one to be forgotten.
    this.#topics.delete(name);
    this.#topics.set(name, topic);
    const message = topic.log.add((number) =>
      JSON.stringify({ type: "event", topic: name, id: this.#idOf(number), data })
    );
    for (const connection of topic.subscribers) connection.send(message);
    const { size } = topic.subscribers;
    this.#tidy(name, topic);
    return size;
  }

  /** Takes what is about topics, and passes the rest on. */
  override onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    const speaks = connection.subprotocol === TOPICS_SUBPROTOCOL && typeof message === "string";
    const request = speaks ? decodeTopicRequest(message) : null;
    if (request === null) return super.onMessage(connection, message);
    if (request.type === "unsubscribe") return this.#leave(connection, request.topic);
    return this.#authorize(connection, request);
  }

  /** Ends the connection's subscriptions, then passes its end on. */
  override onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    for (const topic of connection.attributes.get(this.#joined) ?? []) {
      this.#leave(connection, topic);
    }
    return super.onClose(connection, close);
  }

  #authorize(
    connection: Connection,
    request: TopicRequest & { type: "subscribe" | "publish" },
  ): void | Promise<void> {
    const { maySubscribe = () => true, mayPublish = () => false } = this.#options;
    const may = request.type === "subscribe" ? maySubscribe : mayPublish;
    const proceed = (isAllowed: boolean): void => {
      if (!isAllowed) return this.#refuse(connection, request, "not allowed");
      if (request.type === "publish") this.publish(request.topic, request.data);
      else this.#join(connection, request);
    };
    const allowed = may(connection, request.topic);
    return typeof allowed === "boolean" ? proceed(allowed) : allowed.then(proceed);
  }

  #join(connection: Connection, request: TopicRequest & { type: "subscribe" }): void {
    if (connection.state !== "open") return;
    const joined = connection.attributes.get(this.#joined) ?? new Set<string>();
    const { maxTopicsPerConnection = 256 } = this.#options;
    const isNew = !joined.has(request.topic);
    if (isNew && joined.size >= maxTopicsPerConnection) {
      return this.#refuse(connection, request, "too many topics");
    }
    if (isNew && !this.#hasRoom(request.topic)) {
      return this.#refuse(connection, request, "too many topics");
    }
    const topic = this.#ask(request.topic);
    topic.subscribers.add(connection);
    joined.add(request.topic);
    connection.attributes.set(this.#joined, joined);
    const missed = request.after === null ? [] : this.#missed(topic, request.after);
    connection.send(JSON.stringify({
      type: "subscribed",
      topic: request.topic,
      last: this.#idOf(topic.log.last),
      gap: missed === null,
    }));
    for (const event of missed ?? []) connection.send(event);
  }

  #missed(topic: Topic, after: string): ReturnType<TopicLog["after"]> {
    const [epoch, number] = after.split("-");
    return epoch === this.#epoch && /^\d{1,15}$/.test(number ?? "")
      ? topic.log.after(Number(number))
      : null;
  }

  #leave(connection: Connection, name: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || !topic.subscribers.delete(connection)) return;
    connection.attributes.get(this.#joined)?.delete(name);
    this.#tidy(name, topic);
  }

  #refuse(connection: Connection, request: TopicRequest, reason: string): void {
    const { type, topic } = request;
    connection.send(JSON.stringify({ type: "refused", request: type, topic, reason }));
  }

  #idOf(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** The topic of that name; made when it is first asked for. */
  #ask(name: string): Topic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    if (!this.#hasRoom(name)) {
      throw new RangeError(`Cannot open topic ${name} as all topics there may be are in use`);
    }
    const { historyEvents = 0, maxHistoryCharacters = 262_144 } = this.#options;
    const limits = { maxEvents: historyEvents, maxCharacters: maxHistoryCharacters };
    // A topic that is forgotten and comes back must not use a number twice.
    const log = new TopicLog(limits, this.#published);
    const topic = { log, subscribers: new Set<Connection>() };
    this.#topics.set(name, topic);
    return topic;
  }

  /** Whether there is room for a topic, after forgetting one if need be. */
  #hasRoom(name: string): boolean {
    const { maxTopics = 4096 } = this.#options;
    if (this.#topics.has(name) || this.#topics.size < maxTopics) return true;
    for (const [other, { subscribers }] of this.#topics) {
      if (subscribers.size > 0) continue;
      this.#topics.delete(other);
      return true;
    }
    return false;
  }

  /** Forgets a topic that holds nothing for anybody. */
  #tidy(name: string, topic: Topic): void {
    if (topic.subscribers.size === 0 && topic.log.size === 0) this.#topics.delete(name);
  }
}
