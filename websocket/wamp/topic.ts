import type { Broker } from "./broker.ts";
import type { Match } from "./uri.ts";
import type { Keywords } from "./wamp_error.ts";
import type { WampSession } from "./wamp_session.ts";

/** Options of {@linkcode Topic.broadcast}. */
export interface TopicBroadcastOptions {
  /**
   * Sessions that don't get it, by id.
   *
   * @default {none}
   */
  exclude?: Iterable<number | string>;
  /**
   * Sessions that may get it, by id.
   *
   * @default {all}
   */
  eligible?: Iterable<number | string>;
  /**
   * Values by name, which only WAMP v2 has.
   *
   * @default {none}
   */
  kwargs?: Keywords;
}

/** What a topic stands on. */
export interface TopicOrigin {
  /** Its realm's broker. */
  readonly broker: Broker;
  /** How its URI is compared. */
  readonly match: Match;
  /** Makes numbers of publications. */
  readonly nextId: () => number;
}

/** A topic, as applications see it. */
export class Topic {
  /** Its URI, or the pattern that was subscribed to. */
  readonly uri: string;
  /** How the URI is compared. */
  readonly match: Match;
  readonly #broker: Broker;
  readonly #nextId: () => number;

  /** @ignore Use {@linkcode WampServer.topic}. */
  constructor(uri: string, origin: TopicOrigin) {
    this.uri = uri;
    this.match = origin.match;
    this.#broker = origin.broker;
    this.#nextId = origin.nextId;
  }

  /** How many have subscribed to this very topic. */
  get size(): number {
    return this.#broker.subscribers(this.uri, this.match).size;
  }

  /** The sessions that have subscribed to this very topic. */
  *[Symbol.iterator](): IterableIterator<WampSession> {
    for (const { session } of this.#broker.subscribers(this.uri, this.match)) yield session;
  }

  /**
   * Sends an event to those who have subscribed.
   *
   * @param event The event; the only value of a WAMP v2 event.
   * @param options See {@linkcode TopicBroadcastOptions}.
   * @returns How many it was sent to.
   */
  broadcast(event: unknown, options: TopicBroadcastOptions = {}): number {
    const exclude = new Set(options.exclude);
    const eligible = options.eligible === undefined ? null : new Set(options.eligible);
    return this.#broker.publish({
      id: this.#nextId(),
      topic: this.uri,
      args: [event],
      kwargs: options.kwargs ?? null,
      publisher: null,
      admits: ({ id }) => !exclude.has(id) && (eligible?.has(id) ?? true),
      rules: {
        ...(exclude.size > 0 ? { exclude: [...exclude] } : {}),
        ...(eligible === null ? {} : { eligible: [...eligible] }),
      },
    });
  }
}
