/** Options of {@linkcode ReconnectingClient}. */
export interface ReconnectingClientOptions {
  /**
   * Subprotocols to offer: with that of topics there can be subscriptions. A
   * browser wants the server to choose one, if any is offered.
   *
   * @default {["sluice.topics"]}
   */
  protocols?: string[];
  /**
   * The shortest time until the next attempt; it doubles with each one, and
   * is shortened by chance, by half at most.
   *
   * @default {500}
   */
  minDelayMs?: number;
  /**
   * The longest time until the next attempt.
   *
   * @default {30_000}
   */
  maxDelayMs?: number;
  /**
   * After how long an open connection counts as good, so that the next
   * attempts begin with the shortest time again.
   *
   * @default {5000}
   */
  stableMs?: number;
  /**
   * How long an attempt may take.
   *
   * @default {15_000}
   */
  connectTimeoutMs?: number;
  /**
   * Most attempts in a row without a good connection.
   *
   * @default {Infinity}
   */
  maxAttempts?: number;
  /**
   * Most messages kept while there is no connection.
   *
   * @default {100}
   */
  maxQueued?: number;
  /**
   * Whether to give up after a close code.
   *
   * @default {after 1002, 1003, 1007, 1009 and 1010}
   */
  isFatal?: (code: number) => boolean;
  /**
   * What makes connections.
   *
   * @default {globalThis.WebSocket}
   */
  WebSocket?: new (url: string | URL, protocols?: string[]) => WebSocket;
  /**
   * What waits.
   *
   * @default {globalThis.setTimeout}
   */
  setTimeout?: (callback: () => void, delayMs: number) => number;
  /**
   * What waits no longer.
   *
   * @default {globalThis.clearTimeout}
   */
  clearTimeout?: (timer: number | undefined) => void;
  /**
   * A number from 0 (included) to 1 (excluded).
   *
   * @default {Math.random}
   */
  random?: () => number;
  /**
   * Milliseconds from an arbitrary start.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** What a client does. */
export type ReconnectingClientState = "connecting" | "open" | "waiting" | "closed";

/** Tells of a topic: an event that came, a gap in what came, or a refusal. */
export declare class TopicEvent extends Event {
  /** The topic. */
  readonly topic: string;
  /** What was published; only of an event. */
  readonly data: unknown;
  /** What names the event; only of an event. */
  readonly id: string | undefined;
  /** Why the server has refused; only of a refusal. */
  readonly reason: string | undefined;
}

/** Tells that a connection has ended. */
export interface ReconnectingCloseEvent extends Event {
  /** The close code. */
  readonly code: number;
  /** The reason that the server gave. */
  readonly reason: string;
  /** Whether both sides have finished the closing handshake. */
  readonly wasClean: boolean;
  /** Whether the client is going to connect again. */
  readonly willReconnect: boolean;
}

/** The events of a {@linkcode ReconnectingClient}. */
export interface ReconnectingClientEvents {
  /** A connection is open. */
  open: Event;
  /** A connection has ended, or an attempt has failed. */
  close: ReconnectingCloseEvent;
  /** A message came that is not about a topic. */
  message: MessageEvent<string | ArrayBuffer>;
  /** Events of a topic were missed, and the server has not kept them. */
  gap: TopicEvent;
  /** The server has refused a subscription or publication. */
  refused: TopicEvent;
}

/**
 * A WebSocket for browsers (and everything else that has one) that connects
 * again when it was cut off, with a delay that grows and differs by chance.
 * Subscriptions to the topics of a server survive that: what was missed is
 * delivered, as far as the server has kept it, or a `gap` is told.
 *
 * @example Follow a topic
 * ```ts
 * import { ReconnectingClient } from "@sluice/sluice/websocket/client.ts";
 * import { Topics, WsServer } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const topics = new Topics({ onMessage() {} }, { historyEvents: 10 });
 * const server = new WsServer(topics);
 * const { port } = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
 *
 * const client = new ReconnectingClient(`ws://127.0.0.1:${port}/`);
 * const news = new Promise((resolve) => client.subscribe("news", resolve));
 * while (topics.subscribers("news").size === 0) await new Promise((next) => setTimeout(next, 1));
 * topics.publish("news", "It works");
 * assertEquals(await news, "It works");
 *
 * const closed = new Promise((resolve) => client.addEventListener("close", resolve));
 * client.close();
 * await closed;
 * await server.drain();
 * ```
 */
export declare class ReconnectingClient extends EventTarget {
  /**
   * Connects, and goes on to until it is closed.
   *
   * @param url Where to connect to, or what tells it before each attempt.
   * @param options See {@linkcode ReconnectingClientOptions}.
   */
  constructor(url: string | URL | (() => string | URL), options?: ReconnectingClientOptions);
  /** What it does. */
  get state(): ReconnectingClientState;
  /** How many messages wait for a connection. */
  get queued(): number;
  /** The subprotocol of the connection; empty for none. */
  get protocol(): string;
  /**
   * Sends a message, or keeps it until there is a connection.
   *
   * @returns Whether there was room for it.
   */
  send(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): boolean;
  /**
   * Subscribes to a topic.
   *
   * @param topic The topic.
   * @param listener Called with what was published.
   * @returns What ends the subscription.
   */
  subscribe(topic: string, listener: (data: unknown, event: TopicEvent) => void): () => void;
  /**
   * Publishes to a topic, if the server allows it.
   *
   * @returns Whether there was room for it.
   */
  publish(topic: string, data: unknown): boolean;
  /** Closes, and connects no more. */
  close(code?: number, reason?: string): void;
  /** Listens to an event. */
  addEventListener<Type extends keyof ReconnectingClientEvents>(
    type: Type,
    listener: (event: ReconnectingClientEvents[Type]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /** Listens to an event no longer. */
  removeEventListener<Type extends keyof ReconnectingClientEvents>(
    type: Type,
    listener: (event: ReconnectingClientEvents[Type]) => void,
    options?: EventListenerOptions | boolean,
  ): void;
}
