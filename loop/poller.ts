import type { Clock } from "./clock.ts";
import type { DatagramOptions, DatagramSocket } from "./datagram.ts";
import type { Callback, Handle } from "./handle.ts";
import type { RandomSource } from "./random.ts";
import type { ConnectOptions, ListenOptions, StreamListener, StreamSocket } from "./stream.ts";

/** The pollers there are. */
export type PollerName = "portable" | "epoll" | "simulated";

/** What a poller may ask of the loop that it serves. */
export interface PollerHost {
  /** Milliseconds on the loop's monotonic clock, as of this iteration. */
  now(): number;
  /**
   * Runs `callback` in the callback phase of the next iteration.
   *
   * @returns Whether it will: a loop that has stopped calls nothing any more.
   */
  callSoon(callback: Callback): boolean;
  /**
   * Runs `callback` in the timer phase, `delayMs` from now.
   *
   * @returns The timer, or `null` when the loop has stopped.
   */
  callLater(delayMs: number, callback: Callback): Handle | null;
  /** Tells the loop's `onError` of a failure that belongs to no caller. */
  report(error: unknown): void;
  /** Starts the loop when it is not running, as there is something to wait for. */
  start(): void;
  /** Ends the loop here and now, as a crash would: nothing it holds is called any more. */
  halt(): void;
}

/**
 * The part of an event loop that waits for I/O and moves bytes. One poller
 * serves one loop.
 */
export interface Poller extends AsyncDisposable {
  /** Which poller this is. */
  readonly name: PollerName;
  /** The clock that belongs to it. */
  readonly clock: Clock;
  /** The random source that belongs to it. */
  readonly random: RandomSource;
  /** How many sockets can still produce events. */
  readonly active: number;

  /** Connects the poller with its loop; called once, before anything else. */
  attach(host: PollerHost): void;

  /**
   * Waits until I/O is ready, `timeoutMs` has passed, or {@linkcode wake} is
   * called. Returns nothing when there is no need to wait.
   *
   * @param timeoutMs How long to wait at most: 0 for not at all, `Infinity` for as long as it takes.
   */
  poll(timeoutMs: number): void | Promise<void>;

  /**
   * Moves the bytes that are ready, in and out. Computes nothing: what wants
   * parsing goes through {@linkcode PollerHost.callSoon}.
   */
  respond(): void;

  /** Ends a wait that is under way. */
  wake(): void;

  /** Waits until all that was queued for sending has been sent or has failed. */
  flush(): Promise<void>;

  /**
   * Finds the IP addresses of a host, in the order to try them.
   *
   * @throws {UnknownHostError} When the name is not known.
   */
  resolve(hostname: string): Promise<string[]>;

  /** Opens a datagram socket. */
  bindDatagram(options: DatagramOptions): Promise<DatagramSocket>;

  /** Listens for stream connections. */
  listenStream(options: ListenOptions): Promise<StreamListener>;

  /** Opens a stream connection. */
  connectStream(options: ConnectOptions): Promise<StreamSocket>;
}
