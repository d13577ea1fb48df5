import type { EventLoop } from "../../loop/mod.ts";
import type { Connection } from "../connection.ts";
import type { Relay } from "../relay/relay.ts";
import type { Session } from "../session/session.ts";
import type { Match } from "./uri.ts";
import type { WampIdentity, WampSession } from "./wamp_session.ts";

/** What a client wants to do. */
export interface WampAction {
  /** What kind of thing. */
  readonly kind: "subscribe" | "publish" | "call" | "register";
  /** The topic or procedure, or the pattern of them. */
  readonly uri: string;
  /** How the URI is compared. */
  readonly match: Match;
}

/** Who a client says it is, and the proof. */
export interface TicketRequest {
  /** The realm that it wants to join. */
  readonly realm: string;
  /** Who it says it is. */
  readonly authId: string;
  /** The proof, such as a password or a token. */
  readonly ticket: string;
  /** The connection. */
  readonly connection: Connection;
}

/** Options of {@linkcode WampServer}. */
export interface WampServerOptions {
  /**
   * The realms; clients of WAMP v1 are in the first.
   *
   * @default {["realm1"]}
   */
  realms?: readonly string[];
  /**
   * How prefixes of WAMP v1 are expanded: `concat` puts the URI and the rest
   * one behind the other, `ratchet` puts `#` between them.
   *
   * @default {"concat"}
   */
  curie?: "concat" | "ratchet";
  /**
   * Whether a client may do something. A failure refuses it.
   *
   * @default {everything but to register procedures, by which any client could answer for others}
   */
  authorize?: (session: WampSession, action: WampAction) => boolean | Promise<boolean>;
  /**
   * Checks a ticket (WAMP v2), and tells who the client is; `null` refuses it.
   *
   * @default {none: tickets are not taken}
   */
  ticket?: (request: TicketRequest) => WampIdentity | null | Promise<WampIdentity | null>;
  /**
   * Tells by its web session who a client is; `null` when that is not known.
   * Needs a {@linkcode SessionProvider} around it. Method `cookie` in WAMP v2.
   *
   * @default {none: web sessions mean nothing}
   */
  session?: (session: Session) => WampIdentity | null;
  /**
   * Whether clients may come that don't say who they are.
   *
   * @default {true, unless there is `ticket` or `session`}
   */
  anonymous?: boolean;
  /**
   * How long a client may take until it has joined, in milliseconds.
   *
   * @default {10_000}
   */
  helloTimeoutMs?: number;
  /**
   * Longest timeout of a call, and that of calls that ask for none, in
   * milliseconds; 0 for no limit.
   *
   * @default {0}
   */
  maxCallTimeoutMs?: number;
  /**
   * Most topics and patterns of a realm.
   *
   * @default {65_536}
   */
  maxSubscriptions?: number;
  /**
   * Most topics and patterns of a session.
   *
   * @default {1024}
   */
  maxSubscriptionsPerSession?: number;
  /**
   * Most procedures and patterns of a realm.
   *
   * @default {16_384}
   */
  maxRegistrations?: number;
  /**
   * Most procedures and patterns of a session.
   *
   * @default {1024}
   */
  maxRegistrationsPerSession?: number;
  /**
   * Most calls of a caller, and of a callee, that have no result yet.
   *
   * @default {1024}
   */
  maxPendingCalls?: number;
  /**
   * Most prefixes of a client of WAMP v1.
   *
   * @default {256}
   */
  maxPrefixes?: number;
  /**
   * The way to the servers of other processes and machines, for events. Procedures stay here.
   *
   * @default {none: there are no others}
   */
  relay?: Relay;
  /**
   * The loop, for its timers and random numbers.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/** The options of a server with the defaults filled in. */
export type WampSettings =
  & Required<Omit<WampServerOptions, "ticket" | "session" | "relay" | "loop">>
  & Pick<WampServerOptions, "ticket" | "session" | "relay">;

const LIMITS = {
  helloTimeoutMs: 10_000,
  maxSubscriptions: 65_536,
  maxSubscriptionsPerSession: 1024,
  maxRegistrations: 16_384,
  maxRegistrationsPerSession: 1024,
  maxPendingCalls: 1024,
  maxPrefixes: 256,
};

/**
 * Fills the defaults in.
 *
 * @throws {RangeError} When a limit is not positive, or there is no realm.
 */
export function wampSettings(options: WampServerOptions): WampSettings {
  const { ticket, session, realms = ["realm1"], maxCallTimeoutMs = 0 } = options;
  if (realms.length === 0) throw new RangeError("Cannot serve WAMP without a realm");
  if (!(maxCallTimeoutMs >= 0)) {
    throw new RangeError(`Cannot use ${maxCallTimeoutMs} as maxCallTimeoutMs`);
  }
  const limits = { ...LIMITS };
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    limits[name] = options[name] ?? LIMITS[name];
    if (!(limits[name] > 0)) throw new RangeError(`Cannot use ${limits[name]} as ${name}`);
  }
  return {
    ...limits,
    realms,
    maxCallTimeoutMs,
    ticket,
    session,
    relay: options.relay,
    curie: options.curie ?? "concat",
    authorize: options.authorize ?? ((_session, { kind }) => kind !== "register"),
    anonymous: options.anonymous ?? (ticket === undefined && session === undefined),
  };
}
