import type { Connection } from "../connection.ts";
import { isDict } from "./message_code.ts";
import type { Router } from "./router.ts";
import { ErrorUri, WampError } from "./wamp_error.ts";
import type { WampIdentity } from "./wamp_session.ts";

/** A client has said hello. */
export interface Hello {
  /** The realm that it wants to join. */
  readonly realm: string;
  /** What else it said. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** How a client may come in. */
export type Entry =
  | { readonly method: "anonymous" | "cookie"; readonly identity: WampIdentity }
  | { readonly method: "ticket"; readonly authId: string };

/**
 * Finds out how a client may come in.
 *
 * @param router What the sessions share.
 * @param connection The connection.
 * @param hello What the client said.
 * @throws {WampError} When it may not.
 */
export function chooseEntry(router: Router, connection: Connection, hello: Hello): Entry {
  const { ticket, anonymous } = router.settings;
  if (router.realm(hello.realm) === undefined) throw new WampError(ErrorUri.noSuchRealm);
  if (!isDict(hello.details.roles)) {
    throw new WampError(ErrorUri.protocolViolation, { args: ["HELLO has no roles"] });
  }
  const { authmethods, authid } = hello.details;
  const asked = Array.isArray(authmethods) ? authmethods as unknown[] : ["cookie", "anonymous"];
  for (const method of asked) {
    if (method === "cookie") {
      const identity = router.identify(connection);
      if (identity !== null) return { method, identity };
    } else if (method === "ticket" && ticket !== undefined && typeof authid === "string") {
      return { method, authId: authid };
    } else if (method === "anonymous" && anonymous) {
      return { method, identity: { authId: `anonymous-${router.randomId()}` } };
    }
  }
  throw new WampError(ErrorUri.noAuthMethod);
}

/** What a client can do, as far as it matters here. */
export interface Abilities {
  /** Whether calls can be canceled with it. */
  readonly canCancel: boolean;
}

/** Reads what a client can do. */
export function abilitiesOf({ details }: Hello): Abilities {
  const { roles } = details;
  const callee = isDict(roles) ? roles.callee : undefined;
  const features = isDict(callee) ? callee.features : undefined;
  return { canCancel: isDict(features) && features.call_canceling === true };
}

/** What the server can do. */
export const ROLES = {
  broker: {
    features: {
      publisher_exclusion: true,
      publisher_identification: true,
      pattern_based_subscription: true,
      subscriber_blackwhite_listing: true,
    },
  },
  dealer: {
    features: {
      call_canceling: true,
      call_timeout: true,
      caller_identification: true,
      pattern_based_registration: true,
      progressive_call_results: true,
      shared_registration: true,
    },
  },
} as const;
