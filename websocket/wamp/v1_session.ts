import { CloseCode } from "../protocol/close_code.ts";
import type { Connection } from "../connection.ts";
import { PreparedMessage } from "../prepared_message.ts";
import { Gate } from "./gate.ts";
import { type Outcome, PendingCall } from "./pending_call.ts";
import type { Realm, Router } from "./router.ts";
import { jsonSerializer } from "./json_serializer.ts";
import type { Publication, Subscriber, Subscription } from "./subscription.ts";
import { readV1Message, type V1Message } from "./v1_message.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";
import { WAMP_SESSION, type WampSession } from "./wamp_session.ts";

const WELCOME = 0;
const CALL_RESULT = 3;
const CALL_ERROR = 4;
const EVENT = 8;
const PROTOCOL_VERSION = 1;
const SERVER = "sluice";
/** What a call of WAMP v1 can't ask for. */
const NO_OPTIONS = { kwargs: null, receiveProgress: false, disclose: false } as const;

/** A client of WAMP v1, as Ratchet speaks it. */
export class V1Session implements Subscriber {
  readonly connection: Connection;
  readonly session: WampSession;
  readonly encoding = "wamp";
  readonly subscriptions = new Set<Subscription>();
  readonly #router: Router;
  readonly #realm: Realm;
  readonly #gate: Gate;
  readonly #prefixes = new Map<string, string>();
  readonly #calls = new Set<PendingCall>();

  /**
   * @param connection The connection.
   * @param router What the sessions share.
   * @param session Who the client is.
   */
  constructor(connection: Connection, router: Router, session: WampSession) {
    this.connection = connection;
    this.session = session;
    this.#router = router;
    this.#realm = router.realm(session.realm)!;
    this.#gate = new Gate(connection);
    connection.attributes.set(WAMP_SESSION, session);
    this.#send([WELCOME, session.id, PROTOCOL_VERSION, SERVER]);
  }

  /** A message came. */
  receive(data: string | Uint8Array): void | Promise<void> {
    return this.#gate.enter(() => {
      if (typeof data !== "string") {
        return this.connection.close(CloseCode.unsupportedData, "WAMP v1 is spoken in text");
      }
      const message = readV1Message(data);
      if (message !== null) return this.#handle(message);
      this.connection.close(CloseCode.invalidData, "The message is malformed");
    });
  }

  /** The connection is gone. */
  leave(): boolean {
    this.#gate.end();
    this.#realm.broker.leave(this);
    const error = new WampError(ErrorUri.canceled, { args: ["The caller is gone"] });
    for (const call of this.#calls) call.abandon(error);
    return true;
  }

  /** Encodes an event. */
  encodeEvent(_subscription: Subscription, publication: Publication): PreparedMessage {
    const { topic, args, kwargs } = publication;
    const isPlain = kwargs === null && args.length < 2;
    const event = isPlain ? args[0] ?? null : kwargs === null ? args : { args, kwargs };
    return new PreparedMessage(jsonSerializer.encode([EVENT, topic, event]));
  }

  #send(message: readonly unknown[]): void {
    this.connection.send(jsonSerializer.encode(message));
  }

  #handle(message: V1Message): void | Promise<void> {
    switch (message.type) {
      case "prefix":
        return this.#prefix(message);
      case "subscribe":
        return this.#subscribe(this.#expand(message.topic));
      case "unsubscribe":
        return this.#unsubscribe(this.#expand(message.topic));
      case "publish":
        return this.#publish({ ...message, topic: this.#expand(message.topic) });
      case "call":
        return this.#call({ ...message, procedure: this.#expand(message.procedure) });
    }
  }

  #prefix({ prefix, uri }: V1Message & { type: "prefix" }): void {
    const { maxPrefixes } = this.#router.settings;
    if (this.#prefixes.size >= maxPrefixes && !this.#prefixes.has(prefix)) {
      return this.connection.close(CloseCode.policyViolation, "There are too many prefixes");
    }
    this.#prefixes.set(prefix, uri);
  }

  #expand(curie: string): string {
    const colon = curie.indexOf(":");
    const uri = colon < 0 ? undefined : this.#prefixes.get(curie.slice(0, colon));
    if (uri === undefined) return curie;
    return `${uri}${this.#router.settings.curie === "ratchet" ? "#" : ""}${curie.slice(colon + 1)}`;
  }

  #subscribe(uri: string): void | Promise<void> {
    const action = { kind: "subscribe", uri, match: "exact" } as const;
    return this.#gate.pass(this.#router.authorize(this.session, action), (isAllowed) => {
      // WAMP v1 has no answer that would say no.
      if (!isAllowed || this.#realm.broker.subscribers(uri, "exact").has(this)) return;
      try {
        this.#realm.broker.subscribe(this, uri, "exact");
      } catch (error) {
        if (!(error instanceof WampError)) throw error;
        return this.connection.close(CloseCode.policyViolation, error.message);
      }
      return this.#router.subscribed(this.session, this.#router.topic(this.#realm, uri));
    });
  }

  #unsubscribe(uri: string): void | Promise<void> {
    if (!this.#realm.broker.unsubscribe(this, uri, "exact")) return;
    return this.#router.unsubscribed(this.session, this.#router.topic(this.#realm, uri));
  }

  #publish(message: V1Message & { type: "publish" }): void | Promise<void> {
    const { topic, event, excludeMe, exclude, eligible } = message;
    const action = { kind: "publish", uri: topic, match: "exact" } as const;
    return this.#gate.pass(this.#router.authorize(this.session, action), (isAllowed) => {
      if (!isAllowed) return;
      const { id: own } = this.session;
      const publication: Publication = {
        id: this.#router.randomId(),
        topic,
        args: [event],
        kwargs: null,
        publisher: null,
        admits: ({ id }) =>
          !(excludeMe && id === own) && !exclude.has(id) &&
          (eligible.size === 0 || eligible.has(id)),
        rules: {
          ...(exclude.size > 0 ? { exclude: [...exclude] } : {}),
          ...(eligible.size > 0 ? { eligible: [...eligible] } : {}),
        },
      };
      return this.#router.publish(this.#realm, publication, this.session);
    });
  }

  #call({ id, procedure, args }: V1Message & { type: "call" }): void | Promise<void> {
    const action = { kind: "call", uri: procedure, match: "exact" } as const;
    return this.#gate.pass(this.#router.authorize(this.session, action), (isAllowed) => {
      const { maxPendingCalls, maxCallTimeoutMs: timeoutMs } = this.#router.settings;
      const pending = new PendingCall(
        { ...NO_OPTIONS, session: this.session, procedure, args, timeoutMs },
        {
          progress: () => undefined,
          result: (outcome) => this.#end(pending, [CALL_RESULT, id, valueOf(outcome)]),
          error: (error) => this.#end(pending, [CALL_ERROR, id, ...errorParts(error)]),
        },
      );
      try {
        if (!isAllowed) throw new WampError(ErrorUri.notAuthorized);
        if (this.#calls.size >= maxPendingCalls) throw new WampError(ErrorUri.limitExceeded);
        this.#calls.add(pending);
        return this.#router.call(this.#realm, pending);
      } catch (error) {
        if (!(error instanceof WampError)) throw error;
        pending.reject(error);
      }
    });
  }

  #end(pending: PendingCall, message: readonly unknown[]): void {
    this.#calls.delete(pending);
    this.#send(message);
  }
}

/** WAMP v1 knows one value. */
function valueOf({ args, kwargs }: Outcome): unknown {
  if (kwargs !== null) return { args, kwargs };
  return args.length > 1 ? args : args[0] ?? null;
}

/** Error URI, description and, when there are some, details. */
function errorParts({ uri, args, kwargs }: WampError): readonly unknown[] {
  const [description, details = kwargs ?? undefined] = args;
  const text = typeof description === "string" ? description : uri;
  return details === undefined ? [uri, text] : [uri, text, details];
}
