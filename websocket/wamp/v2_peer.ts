import type { Connection } from "../connection.ts";
import { PreparedMessage } from "../prepared_message.ts";
import { Code, type Message } from "./message_code.ts";
import type { Outcome, PendingCall } from "./pending_call.ts";
import type { Callee, Invocation, Registration } from "./registration.ts";
import type { Serializer } from "./serializer.ts";
import type { Publication, Subscriber, Subscription } from "./subscription.ts";
import type { Keywords, WampError } from "./wamp_error.ts";
import type { WampSession } from "./wamp_session.ts";

/** What a {@linkcode V2Peer} is made of. */
export interface V2PeerOptions {
  /** The connection. */
  readonly connection: Connection;
  /** The form of messages. */
  readonly serializer: Serializer;
  /** Whether the client can be told that a call is canceled. */
  readonly canCancel: boolean;
}

/** A client of WAMP v2 that has joined, as the other clients see it. */
export class V2Peer implements Subscriber, Callee {
  readonly session: WampSession;
  readonly connection: Connection;
  readonly encoding: string;
  readonly canCancel: boolean;
  readonly subscriptions = new Set<Subscription>();
  readonly registrations = new Set<Registration>();
  readonly invocations = new Map<number, PendingCall>();
  /** The calls that it waits for, by the numbers it gave them. */
  readonly calls = new Map<number, PendingCall>();
  readonly #serializer: Serializer;
  #lastInvocationId = 0;

  /**
   * @param session Who the client is.
   * @param options See {@linkcode V2PeerOptions}.
   */
  constructor(session: WampSession, options: V2PeerOptions) {
    this.session = session;
    this.connection = options.connection;
    this.canCancel = options.canCancel;
    this.#serializer = options.serializer;
    this.encoding = options.serializer.subprotocol;
  }

  /** Sends a message. */
  send(message: Message): void {
    this.connection.send(this.#serializer.encode(message));
  }

  /** Answers a request by an error. */
  refuse(code: number, requestId: number, error: WampError): void {
    const { uri, args, kwargs } = error;
    this.send([Code.error, code, requestId, {}, uri, ...payload({ args, kwargs })]);
  }

  /** Encodes an event. */
  encodeEvent(subscription: Subscription, publication: Publication): PreparedMessage {
    const { id, topic, publisher } = publication;
    const details: Record<string, unknown> = {};
    if (subscription.match !== "exact") details.topic = topic;
    if (publisher !== null) {
      details.publisher = publisher.id;
      details.publisher_authid = publisher.authId;
      details.publisher_authrole = publisher.authRole;
    }
    const message = [Code.event, subscription.id, id, details, ...payload(publication)];
    return new PreparedMessage(this.#serializer.encode(message));
  }

  /** A number for the next call that it is to answer. */
  nextInvocationId(): number {
    return ++this.#lastInvocationId;
  }

  /** Tells it of a call. */
  invoke(invocation: Invocation): void {
    const { id, registration, procedure, receiveProgress, caller } = invocation;
    const details: Record<string, unknown> = {};
    if (registration.match !== "exact") details.procedure = procedure;
    if (receiveProgress) details.receive_progress = true;
    if (caller !== null) {
      details.caller = caller.id;
      details.caller_authid = caller.authId;
      details.caller_authrole = caller.authRole;
    }
    this.send([Code.invocation, id, registration.id, details, ...payload(invocation)]);
  }

  /** Tells it that a call is canceled. */
  interrupt(invocationId: number, mode: string): void {
    this.send([Code.interrupt, invocationId, { mode }]);
  }
}

/** The values of a message, as far as there are some. */
export function payload(
  { args, kwargs }: Outcome | { args: readonly unknown[]; kwargs: Keywords | null },
): readonly unknown[] {
  const isNamed = kwargs !== null && Object.keys(kwargs).length > 0;
  if (isNamed) return [args, kwargs];
  return args.length > 0 ? [args] : [];
}
