import { Attribute } from "../attribute.ts";
import type { Connection } from "../connection.ts";

/** Who a client is. */
export interface WampIdentity {
  /** Its name. */
  readonly authId: string;
  /**
   * What it may be, for {@linkcode WampServerOptions.authorize}.
   *
   * @default {"anonymous" for those who did not say who they are, else "user"}
   */
  readonly authRole?: string;
}

/** A session of WAMP: what a client does on a connection between hello and goodbye. */
export interface WampSession {
  /** A number in WAMP v2, a text in v1. */
  readonly id: number | string;
  /** The version of the protocol. */
  readonly version: 1 | 2;
  /** The realm: topics and procedures of others have nothing to do with it. */
  readonly realm: string;
  /** Who the client is. */
  readonly authId: string;
  /** What it may be. */
  readonly authRole: string;
  /** How it has shown that: `anonymous`, `cookie` by its web session, or `ticket`. */
  readonly authMethod: string;
  /** The connection. */
  readonly connection: Connection;
}

/** @ignore Where the session of a connection is kept. */
export const WAMP_SESSION: Attribute<WampSession> = new Attribute("WAMP session");

/**
 * The session of a connection.
 *
 * @param connection The connection.
 * @returns The session, or `undefined` before the client has joined.
 */
export function wampSessionOf(connection: Connection): WampSession | undefined {
  return connection.attributes.get(WAMP_SESSION);
}
