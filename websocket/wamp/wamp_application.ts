import type { CloseInfo } from "../application.ts";
import type { Connection } from "../connection.ts";
import type { Keywords } from "./wamp_error.ts";
import type { Topic } from "./topic.ts";

/** A call that the application is to answer. */
export interface WampCall {
  /** What is called. */
  readonly procedure: string;
  /** The values. */
  readonly args: readonly unknown[];
  /** The values by name; always empty in WAMP v1. */
  readonly kwargs: Keywords;
  /** Aborted when the caller does not wait any more. */
  readonly signal: AbortSignal;
  /** Sends a result before the last one; does nothing when the caller takes none. */
  progress(...args: readonly unknown[]): void;
}

/** What somebody wants to publish. */
export interface WampEvent {
  /** Its value: the first one in WAMP v2. */
  readonly event: unknown;
  /** Its values. */
  readonly args: readonly unknown[];
  /** Its values by name; always empty in WAMP v1. */
  readonly kwargs: Keywords;
  /** Sends it to those who have subscribed and may get it, as the publisher wants. */
  distribute(): number;
}

/** An application of WAMP, v1 and v2 alike. Each handler is optional. */
export interface WampApplication {
  /** A session has begun. */
  onOpen?(connection: Connection): void | Promise<void>;
  /** The session is over; its subscriptions are gone. */
  onClose?(connection: Connection, close: CloseInfo): void | Promise<void>;
  /** A handler failed; see {@linkcode Application.onError}. */
  onError?(connection: Connection, error: unknown): void | Promise<void>;
  /** Somebody has subscribed. */
  onSubscribe?(connection: Connection, topic: Topic): void | Promise<void>;
  /** Somebody has unsubscribed; not called when the session ends. */
  onUnsubscribe?(connection: Connection, topic: Topic): void | Promise<void>;
  /**
   * Somebody calls a procedure that no client has registered. What it returns
   * is the result; a {@linkcode WampError} is told to the caller.
   */
  onCall?(connection: Connection, call: WampCall): unknown;
  /**
   * Somebody publishes. Nothing is sent but what is sent here, by
   * {@linkcode WampEvent.distribute} or {@linkcode Topic.broadcast}. Without
   * this handler, events are distributed.
   */
  onPublish?(connection: Connection, topic: Topic, event: WampEvent): void | Promise<void>;
}

/** A result with more than one value, for WAMP v2. */
export class WampResult {
  /** The values. */
  readonly args: readonly unknown[];
  /** The values by name. */
  readonly kwargs: Keywords | null;

  /**
   * Makes a result.
   *
   * @param args The values; WAMP v1 gets the first, or the list of several.
   * @param kwargs The values by name.
   */
  constructor(args: readonly unknown[], kwargs: Keywords | null = null) {
    this.args = args;
    this.kwargs = kwargs;
  }
}
