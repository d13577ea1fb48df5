import type { Application, CloseInfo } from "../application.ts";
import { subprotocolsOf } from "../component.ts";
import type { Connection } from "../connection.ts";
import type { HandshakeAnswer, HandshakeRequest } from "../handshake_request.ts";
import { isPromise } from "../is_promise.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { isHeaderField } from "../protocol/handshake_answer.ts";

/** What is to become of a handshake. */
export interface Verdict {
  /** The status that refuses it, or `null` when it goes on. */
  readonly status: number | null;
  /** Further header fields of the answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The text of a refusal. */
  readonly body: string | undefined;
  /** The subprotocol, or the empty string for none. */
  readonly subprotocol: string;
}

/**
 * Calls an application, and takes what it throws: first to its `onError`, then
 * to the server's.
 */
export class Dispatcher {
  readonly #application: Application;
  readonly #report: (error: unknown) => void;

  /**
   * @param application What is served.
   * @param report Takes what the application does not.
   */
  constructor(application: Application, report: (error: unknown) => void) {
    this.#application = application;
    this.#report = report;
  }

  /** Asks the application what is to become of a handshake. */
  handshake(request: HandshakeRequest): Verdict | Promise<Verdict> {
    try {
      const answer = this.#application.onHandshake?.(request);
      if (!isPromise(answer)) return this.#judge(request, answer);
      return answer.then(
        (settled) => this.#judge(request, settled),
        (error) => this.#failHandshake(error),
      );
    } catch (error) {
      return this.#failHandshake(error);
    }
  }

  /**
   * Tells that a connection is open.
   *
   * @returns A promise when its messages have to wait; it is never rejected.
   */
  open(connection: Connection): void | Promise<void> {
    try {
      const result = this.#application.onOpen?.(connection);
      if (!isPromise(result)) return;
      return result.then(undefined, (error) => this.fail(connection, error));
    } catch (error) {
      this.fail(connection, error);
    }
  }

  /** Hands over a message. */
  message(connection: Connection, message: string | Uint8Array<ArrayBuffer>): void {
    try {
      this.#watch(connection, this.#application.onMessage?.(connection, message));
    } catch (error) {
      this.fail(connection, error);
    }
  }

  /** Tells that a connection is gone. */
  close(connection: Connection, close: CloseInfo): void {
    try {
      this.#watch(connection, this.#application.onClose?.(connection, close));
    } catch (error) {
      this.fail(connection, error);
    }
  }

  /** Tells that a handler failed. */
  fail(connection: Connection, error: unknown): void {
    try {
      if (this.#application.onError === undefined) throw error;
      const result = this.#application.onError(connection, error);
      if (isPromise(result)) result.then(undefined, (failure) => this.#giveUp(connection, failure));
    } catch (failure) {
      this.#giveUp(connection, failure);
    }
  }

  #watch(connection: Connection, result: void | Promise<void>): void {
    if (isPromise(result)) result.then(undefined, (error) => this.fail(connection, error));
  }

  #giveUp(connection: Connection, failure: unknown): void {
    connection.close(CloseCode.internalError, "The application failed");
    this.#report(failure);
  }

  #judge(request: HandshakeRequest, answer: HandshakeAnswer | void): Verdict {
    try {
      const { status, headers = [], body } = answer ?? {};
      const wrong = headers.find((field) => !isHeaderField(field));
      if (wrong !== undefined) {
        throw new TypeError(`Cannot answer handshake as the header field ${wrong[0]} is malformed`);
      }
      if (status !== undefined) {
        if (status < 300 || status > 599) {
          throw new RangeError(`Cannot refuse handshake as ${status} is no such status`);
        }
        return { status, headers, body, subprotocol: "" };
      }
      const spoken = subprotocolsOf(this.#application, request);
      const subprotocol = spoken.find((name) => request.subprotocols.includes(name));
      if (subprotocol === undefined && spoken.length > 0 && request.subprotocols.length > 0) {
        const list = spoken.join(", ");
        return { status: 400, headers, body: `Spoken here are only: ${list}`, subprotocol: "" };
      }
      return { status: null, headers, body, subprotocol: subprotocol ?? "" };
    } catch (error) {
      return this.#failHandshake(error);
    }
  }

  #failHandshake(error: unknown): Verdict {
    this.#report(error);
    return { status: 500, headers: [], body: undefined, subprotocol: "" };
  }
}
