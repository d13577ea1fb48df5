import { UnknownHostError } from "../loop/mod.ts";

/** A server's host is not known or no socket can be had. */
export class UnreachableError extends Error {
  /** The server, `host:port`. */
  readonly server: string;

  /**
   * Makes the error.
   *
   * @param server The server, `host:port`.
   * @param options The cause.
   */
  constructor(server: string, options: { cause: unknown }) {
    const { cause } = options;
    const reason = cause instanceof UnknownHostError ? "the name is not known" : String(cause);
    super(`Cannot reach ${server} as ${reason}`, options);
    this.name = "UnreachableError";
    this.server = server;
  }
}

/** A server did not answer in time. */
export class NoAnswerError extends Error {
  /** The server, `host:port`. */
  readonly server: string;
  /** The ids it did not answer for. */
  readonly ids: readonly string[];

  /**
   * Makes the error.
   *
   * @param server The server, `host:port`.
   * @param ids The ids it did not answer for.
   */
  constructor(server: string, ids: readonly string[]) {
    super(`Cannot get ${listOf(ids)} as ${server} does not answer`);
    this.name = "NoAnswerError";
    this.server = server;
    this.ids = ids;
  }
}

/** Not all changes were confirmed in time; those that were not may be stored nevertheless. */
export class UnconfirmedError extends Error {
  /** The server, `host:port`, or several of them. */
  readonly server: string;
  /** The values that were confirmed, by id. */
  readonly confirmed: ReadonlyMap<string, string>;
  /** The ids that were not confirmed. */
  readonly unconfirmed: readonly string[];

  /**
   * Makes the error.
   *
   * @param server The server, `host:port`, or several of them.
   * @param outcome What was confirmed and what not.
   */
  constructor(
    server: string,
    outcome: { confirmed: ReadonlyMap<string, string>; unconfirmed: readonly string[] },
  ) {
    super(`Cannot confirm ${listOf(outcome.unconfirmed)} as ${server} does not answer`);
    this.name = "UnconfirmedError";
    this.server = server;
    this.confirmed = outcome.confirmed;
    this.unconfirmed = outcome.unconfirmed;
  }
}

const MAX_LISTED = 5;

function listOf(ids: readonly string[]): string {
  const listed = ids.slice(0, MAX_LISTED).join(", ");
  return ids.length > MAX_LISTED ? `${listed} and ${ids.length - MAX_LISTED} more` : listed;
}
