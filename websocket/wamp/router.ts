import type { EventLoop } from "../../loop/mod.ts";
import type { Connection } from "../connection.ts";
import { sessionOf } from "../session/session_provider.ts";
import { Broker } from "./broker.ts";
import { Dealer } from "./dealer.ts";
import type { Outcome, PendingCall } from "./pending_call.ts";
import { decodeRelayedEvent, encodeRelayedEvent } from "./relayed_event.ts";
import type { WampAction, WampSettings } from "./server_options.ts";
import type { Publication } from "./subscription.ts";
import { Topic } from "./topic.ts";
import type { Match } from "./uri.ts";
import { type WampApplication, WampResult } from "./wamp_application.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";
import type { WampObserver } from "./wamp_observer.ts";
import type { WampIdentity, WampSession } from "./wamp_session.ts";

/** What belongs to one realm. */
export interface Realm {
  /** Its name. */
  readonly name: string;
  /** Its topics. */
  readonly broker: Broker;
  /** Its procedures. */
  readonly dealer: Dealer;
}

/** What a relay calls the events of all realms. */
const RELAY_CHANNEL = "wamp";

/** Ids of sessions and publications are random in this range. */
const MAX_ID = 2 ** 53;

/** What all sessions of a server share: realms, rules, and the application. */
export class Router {
  /** The options. */
  readonly settings: WampSettings;
  /** The loop. */
  readonly loop: EventLoop;
  readonly #application: WampApplication;
  readonly #realms = new Map<string, Realm>();
  /** Who observes calls. */
  observer: WampObserver | null = null;

  /**
   * @param application The application.
   * @param options The options, and the loop.
   */
  constructor(
    application: WampApplication,
    options: { settings: WampSettings; loop: EventLoop },
  ) {
    this.#application = application;
    this.settings = options.settings;
    this.loop = options.loop;
    const { maxPendingCalls: maxInvocations, realms } = this.settings;
    for (const name of realms) {
      const dealer = new Dealer({ ...this.settings, loop: this.loop, maxInvocations });
      const onPublish = (publication: Publication): void => this.#relay(name, publication);
      this.#realms.set(name, { name, broker: new Broker(this.settings, { onPublish }), dealer });
    }
    this.settings.relay?.listen(RELAY_CHANNEL, (bytes) => {
      const event = decodeRelayedEvent(bytes);
      if (event !== null) this.#realms.get(event.realm)?.broker.deliver(event.publication);
    });
  }

  /** A number that no other session or publication has. */
  readonly randomId = (): number => 1 + Math.floor(this.loop.random.next() * (MAX_ID - 1));

  /** The realm of a name. */
  realm(name: string): Realm | undefined {
    return this.#realms.get(name);
  }

  /** A topic as the application sees it. */
  topic(realm: Realm, uri: string, match: Match = "exact"): Topic {
    return new Topic(uri, { broker: realm.broker, match, nextId: this.randomId });
  }

  /** Who the web session of a connection belongs to. */
  identify(connection: Connection): WampIdentity | null {
    return this.settings.session?.(sessionOf(connection)) ?? null;
  }

  /** Whether a client may do something. */
  authorize(session: WampSession, action: WampAction): boolean | Promise<boolean> {
    return this.settings.authorize(session, action);
  }

  /** Tells the application that somebody has subscribed. */
  subscribed(session: WampSession, topic: Topic): void | Promise<void> {
    return this.#application.onSubscribe?.(session.connection, topic);
  }

  /** Tells the application that somebody has unsubscribed. */
  unsubscribed(session: WampSession, topic: Topic): void | Promise<void> {
    return this.#application.onUnsubscribe?.(session.connection, topic);
  }

  /** Publishes: by way of the application, when it has a say. */
  publish(
    realm: Realm,
    publication: Publication,
    session: WampSession,
  ): void | Promise<void> {
    const { topic, args, kwargs } = publication;
    const distribute = (): number => realm.broker.publish(publication);
    if (this.#application.onPublish === undefined) return void distribute();
    const event = { event: args[0], args, kwargs: kwargs ?? {}, distribute };
    return this.#application.onPublish(session.connection, this.topic(realm, topic), event);
  }

  /**
   * Calls a procedure: of a client that has registered it, else of the application.
   *
   * @param realm The realm.
   * @param pending The call.
   * @returns A promise when the application works on it; it is rejected when it failed.
   * @throws {WampError} When nobody answers it.
   */
  call(realm: Realm, pending: PendingCall): void | Promise<void> {
    const watch = this.observer?.onCall(pending.request.procedure);
    if (watch === undefined) return this.#assign(realm, pending);
    pending.whenEnded((error) => watch.end(error));
    return watch.run(() => this.#assign(realm, pending));
  }

  #assign(realm: Realm, pending: PendingCall): void | Promise<void> {
    if (realm.dealer.call(pending)) return;
    if (this.#application.onCall === undefined) throw new WampError(ErrorUri.noSuchProcedure);
    realm.dealer.watch(pending);
    return this.#answer(pending);
  }

  #relay(realm: string, publication: Publication): void {
    const { relay } = this.settings;
    const bytes = relay === undefined ? null : encodeRelayedEvent({ realm, publication });
    if (bytes !== null) relay!.send(RELAY_CHANNEL, bytes);
  }

  async #answer(pending: PendingCall): Promise<void> {
    const { session, procedure, args, kwargs } = pending.request;
    try {
      const value = await this.#application.onCall!(session.connection, {
        procedure,
        args,
        kwargs: kwargs ?? {},
        signal: pending.signal,
        progress: (...values) => pending.progress({ args: values, kwargs: null }),
      });
      pending.resolve(outcomeOf(value));
    } catch (error) {
      const isTold = error instanceof WampError;
      pending.reject(isTold ? error : new WampError(ErrorUri.runtimeError));
      if (!isTold && !pending.signal.aborted) throw error;
    }
  }
}

function outcomeOf(value: unknown): Outcome {
  if (value instanceof WampResult) return value;
  return { args: value === undefined ? [] : [value], kwargs: null };
}
