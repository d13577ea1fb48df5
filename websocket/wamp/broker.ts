import type { PreparedMessage } from "../prepared_message.ts";
import { PatternTable } from "./pattern_table.ts";
import type { Publication, Subscriber, Subscription } from "./subscription.ts";
import type { Match } from "./uri.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";

/** Limits of a {@linkcode Broker}. */
export interface BrokerLimits {
  /** Most topics and patterns of a realm. */
  readonly maxSubscriptions: number;
  /** Most topics and patterns of a session. */
  readonly maxSubscriptionsPerSession: number;
}

const NOBODY: ReadonlySet<Subscriber> = new Set();

/** The topics of one realm, and who has subscribed to them. */
export class Broker {
  readonly #limits: BrokerLimits;
  readonly #onPublish: (event: Publication) => void;
  readonly #table = new PatternTable<Subscription>();
  readonly #byId = new Map<number, Subscription>();
  #lastId = 0;

  /**
   * @param limits See {@linkcode BrokerLimits}.
   * @param options Who tells other servers what is published.
   */
  constructor(limits: BrokerLimits, options: { onPublish?: (event: Publication) => void } = {}) {
    this.#limits = limits;
    this.#onPublish = options.onPublish ?? (() => undefined);
  }

  /** All topics and patterns that have subscribers. */
  subscriptions(): IterableIterator<Subscription> {
    return this.#byId.values();
  }

  /** Those who have subscribed to this very topic. */
  subscribers(uri: string, match: Match): ReadonlySet<Subscriber> {
    return this.#table.get(uri, match)?.subscribers ?? NOBODY;
  }

  /**
   * Subscribes; again is the same as once.
   *
   * @throws {WampError} When there are too many subscriptions.
   */
  subscribe(subscriber: Subscriber, uri: string, match: Match): Subscription {
    const known = this.#table.get(uri, match);
    if (known?.subscribers.has(subscriber)) return known;
    const { maxSubscriptions, maxSubscriptionsPerSession } = this.#limits;
    const isFull = known === undefined && this.#byId.size >= maxSubscriptions;
    if (isFull || subscriber.subscriptions.size >= maxSubscriptionsPerSession) {
      throw new WampError(ErrorUri.limitExceeded, { args: ["There are too many subscriptions"] });
    }
    const subscription = known ?? this.#add(uri, match);
    subscription.subscribers.add(subscriber);
    subscriber.subscriptions.add(subscription);
    return subscription;
  }

  /** The subscription that a subscriber has under a number. */
  find(subscriber: Subscriber, id: number): Subscription | null {
    const subscription = this.#byId.get(id);
    return subscription?.subscribers.has(subscriber) ? subscription : null;
  }

  /**
   * Ends a subscription of somebody.
   *
   * @returns Whether there was one.
   */
  unsubscribe(subscriber: Subscriber, uri: string, match: Match): boolean {
    const subscription = this.#table.get(uri, match);
    if (subscription === undefined || !subscription.subscribers.delete(subscriber)) return false;
    subscriber.subscriptions.delete(subscription);
    if (subscription.subscribers.size === 0) {
      this.#table.delete(uri, match);
      this.#byId.delete(subscription.id);
    }
    return true;
  }

  /** Ends all subscriptions of somebody. */
  leave(subscriber: Subscriber): void {
    for (const { uri, match } of [...subscriber.subscriptions]) {
      this.unsubscribe(subscriber, uri, match);
    }
  }

  /**
   * Sends an event to those who have subscribed and may get it, at other servers too.
   *
   * @returns How many messages were sent by this one.
   */
  publish(publication: Publication): number {
    this.#onPublish(publication);
    return this.deliver(publication);
  }

  /**
   * Sends an event to those who have subscribed here; it is encoded once for all that get the same
   * bytes.
   *
   * @returns How many messages were sent.
   */
  deliver(publication: Publication): number {
    let count = 0;
    for (const subscription of this.#table.find(publication.topic)) {
      const encoded = new Map<string, PreparedMessage>();
      for (const subscriber of subscription.subscribers) {
        if (!publication.admits(subscriber.session)) continue;
        let message = encoded.get(subscriber.encoding);
        if (message === undefined) {
          message = subscriber.encodeEvent(subscription, publication);
          encoded.set(subscriber.encoding, message);
        }
        subscriber.connection.send(message);
        count++;
      }
    }
    return count;
  }

  #add(uri: string, match: Match): Subscription {
    const subscription = { id: ++this.#lastId, uri, match, subscribers: new Set<Subscriber>() };
    this.#table.add(uri, match, subscription);
    this.#byId.set(subscription.id, subscription);
    return subscription;
  }
}
