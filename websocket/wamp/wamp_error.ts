/** Values by name, as WAMP v2 passes them beside a list. */
export type Keywords = Readonly<Record<string, unknown>>;

/** Options of {@linkcode WampError}. */
export interface WampErrorOptions {
  /**
   * Values that go with it; WAMP v1 takes the first as description and the
   * second as details.
   *
   * @default {none}
   */
  args?: readonly unknown[];
  /**
   * Values by name that go with it.
   *
   * @default {none}
   */
  kwargs?: Keywords;
  /**
   * Why it is.
   *
   * @default {none}
   */
  cause?: unknown;
}

/**
 * What a caller is to be told when a call fails. Other errors are told as
 * `wamp.error.runtime_error`, without saying what they are.
 *
 * @example Refuse a call
 * ```ts
 * import { type WampApplication, WampError } from "@sluice/sluice/websocket";
 *
 * const application: WampApplication = {
 *   onCall(_connection, call) {
 *     throw new WampError("com.example.error.sold_out", { args: [`No ${call.args[0]} left`] });
 *   },
 * };
 * void application;
 * ```
 */
export class WampError extends Error {
  /** What kind of error it is. */
  readonly uri: string;
  /** Values that go with it. */
  readonly args: readonly unknown[];
  /** Values by name that go with it. */
  readonly kwargs: Keywords | null;

  /**
   * Makes the error.
   *
   * @param uri What kind of error it is.
   * @param options See {@linkcode WampErrorOptions}.
   */
  constructor(uri: string, options: WampErrorOptions = {}) {
    const { args = [], kwargs = null, cause } = options;
    super(typeof args[0] === "string" ? `${uri}: ${args[0]}` : uri, { cause });
    this.name = "WampError";
    this.uri = uri;
    this.args = args;
    this.kwargs = kwargs;
  }
}

/** The errors that the protocol names itself. */
export const ErrorUri = {
  authenticationDenied: "wamp.error.authentication_denied",
  authorizationFailed: "wamp.error.authorization_failed",
  canceled: "wamp.error.canceled",
  goodbyeAndOut: "wamp.close.goodbye_and_out",
  invalidArgument: "wamp.error.invalid_argument",
  invalidUri: "wamp.error.invalid_uri",
  limitExceeded: "sluice.error.limit_exceeded",
  noAuthMethod: "wamp.error.no_matching_auth_method",
  noSuchProcedure: "wamp.error.no_such_procedure",
  noSuchRealm: "wamp.error.no_such_realm",
  noSuchRegistration: "wamp.error.no_such_registration",
  noSuchSubscription: "wamp.error.no_such_subscription",
  notAuthorized: "wamp.error.not_authorized",
  procedureExists: "wamp.error.procedure_already_exists",
  procedureExistsPolicy: "wamp.error.procedure_exists_with_different_invocation_policy",
  protocolViolation: "wamp.error.protocol_violation",
  runtimeError: "wamp.error.runtime_error",
  timeout: "wamp.error.timeout",
} as const;
