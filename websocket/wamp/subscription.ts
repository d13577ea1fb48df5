import type { Connection } from "../connection.ts";
import type { PreparedMessage } from "../prepared_message.ts";
import type { Keywords } from "./wamp_error.ts";
import type { Match } from "./uri.ts";
import type { WampSession } from "./wamp_session.ts";

/** Who may get an event and who not, as the options of PUBLISH in WAMP v2 say it. */
export type AudienceRules = Readonly<Record<string, unknown>>;

/** One event on its way to those who have subscribed. */
export interface Publication {
  /** Its number. */
  readonly id: number;
  /** Where it was published. */
  readonly topic: string;
  /** Its values. */
  readonly args: readonly unknown[];
  /** Its values by name. */
  readonly kwargs: Keywords | null;
  /** Who published it, when subscribers may know. */
  readonly publisher: Pick<WampSession, "id" | "authId" | "authRole"> | null;
  /** Who may get it at other servers. */
  readonly rules: AudienceRules;
  /** Whether somebody may get it. */
  admits(session: WampSession): boolean;
}

/** Somebody who can subscribe. */
export interface Subscriber {
  /** The session. */
  readonly session: WampSession;
  /** The connection. */
  readonly connection: Connection;
  /** What messages are encoded for; equal for those who get the same bytes. */
  readonly encoding: string;
  /** What the subscriber has subscribed to. */
  readonly subscriptions: Set<Subscription>;
  /** Encodes an event. */
  encodeEvent(subscription: Subscription, publication: Publication): PreparedMessage;
}

/** A topic or pattern that somebody has subscribed to. */
export interface Subscription {
  /** Its number. */
  readonly id: number;
  /** The URI or pattern. */
  readonly uri: string;
  /** How it is compared. */
  readonly match: Match;
  /** Those who have subscribed. */
  readonly subscribers: Set<Subscriber>;
}
