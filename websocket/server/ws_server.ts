import {
  EventLoop,
  type ListenOptions,
  type ListenTls,
  type StreamAddress,
  type StreamListener,
} from "../../loop/mod.ts";
import type { Application } from "../application.ts";
import { checkApplication } from "../check_application.ts";
import type { Connection } from "../connection.ts";
import { mount, type MountInfo } from "../mounted/mount.ts";
import { PreparedMessage } from "../prepared_message.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { MemoryBudget } from "../protocol/memory_budget.ts";
import { Unmasker } from "../protocol/unmasker.ts";
import { AddressLimit } from "./address_limit.ts";
import { Dispatcher } from "./dispatcher.ts";
import { FrameWriter } from "./frame_writer.ts";
import { Roster } from "./roster.ts";
import type { ServerContext } from "./server_context.ts";
import { serverSettings, type WsServerOptions } from "./server_options.ts";
import { newCounters, type ServerStats } from "./server_stats.ts";
import { ServerStream } from "./server_stream.ts";

/** The most that is accepted beyond the limit, to be refused in words. */
const REFUSAL_ROOM = 256;
const MAX_TICK_MS = 1000;
/** How many looks at the time the shortest timeout takes. */
const TICKS_PER_TIMEOUT = 8;

/** Where a {@linkcode WsServer} listens. */
export interface WsListenOptions {
  /**
   * The interface to listen on.
   *
   * @default {"::"} All interfaces, IPv6 and IPv4; `0.0.0.0` where there is no IPv6.
   */
  hostname?: string;
  /**
   * The port to listen on; 0 lets the system choose.
   *
   * @default {0}
   */
  port?: number;
  /**
   * Path of a unix socket to listen on instead of a port.
   *
   * @default {none}
   */
  path?: string;
  /**
   * Certificate and key: connections speak TLS.
   *
   * @default {none}
   */
  tls?: ListenTls;
  /**
   * How many connections the kernel keeps until they are accepted.
   *
   * @default {511}
   */
  backlog?: number;
  /**
   * Whether several processes may share the port (SO_REUSEPORT).
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/** Options of {@linkcode WsServer.broadcast}. */
export interface BroadcastOptions {
  /**
   * A connection that is left out.
   *
   * @default {none}
   */
  except?: Connection;
}

/**
 * A WebSocket server (RFC 6455, RFC 7692) on the loop's streams. It is strict
 * with what comes, and everything it keeps has a limit.
 *
 * @example Echo
 * ```ts
 * import { WsServer } from "@sluice/sluice/websocket";
 * import { EventLoop } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * await using server = new WsServer({
 *   onMessage: (connection, message) => void connection.send(message),
 * }, { loop });
 * const { port } = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
 *
 * const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
 * socket.onopen = () => socket.send("hello");
 * const echo = await new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
 * assertEquals(echo, "hello");
 * socket.close();
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 */
export class WsServer implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #listeners = new Set<StreamListener>();

  /**
   * Makes a server that does not listen yet.
   *
   * @param application What it serves.
   * @param options See {@linkcode WsServerOptions}.
   * @throws {TypeError} When the application can't be served.
   * @throws {RangeError} When an option is out of range.
   */
  constructor(application: Application, options: WsServerOptions = {}) {
    checkApplication(application, new.target.name);
    const settings = serverSettings(options);
    const loop = options.loop ?? EventLoop.default();
    const report = options.onError ?? ((error) => void loop.callSoon(() => Promise.reject(error)));
    this.#context = {
      loop,
      settings,
      dispatcher: new Dispatcher(application, report),
      writer: new FrameWriter(),
      unmasker: new Unmasker(),
      unfinished: new MemoryBudget(settings.maxUnfinishedBytes),
      addresses: new AddressLimit(settings.maxConnectionsPerAddress),
      counters: newCounters(),
      roster: new Roster({ loop, tickMs: tickMs(settings) }),
      draining: false,
    };
  }

  /** The connections that are open. */
  get connections(): ReadonlySet<Connection> {
    return this.#context.roster.open;
  }

  /**
   * Listens; may be called several times for several places.
   *
   * @returns Where it listens.
   * @throws {ListenError} When the place can't be had.
   */
  async listen(options: WsListenOptions = {}): Promise<StreamAddress> {
    if (this.#context.draining) throw new TypeError("Cannot listen as the server was closed");
    const listener = await this.#context.loop.listenStream(this.#listenOptions(options));
    this.#listeners.add(listener);
    return listener.localAddress;
  }

  /**
   * Answers a request of `Deno.serve`, or of a framework on it, by a connection
   * on the platform's WebSocket. The application is the same, the platform does
   * less:
   *
   * - the limits of frames, fragments and unfinished messages don't hold:
   *   a message is refused only once it is there, and a frame over 64 MiB by a
   *   reset;
   * - messages are not compressed, unmasked frames are accepted, and text that
   *   is no UTF-8 drops the connection without a code;
   * - `ping()` fails, `pause()` holds back what came instead of the peer, and
   *   `terminate()` forgets the connection, but leaves the socket to the
   *   platform until its peer answers or is silent for `pingIntervalMs`;
   * - what waits to be sent is no longer counted once the connection closes.
   *
   * @example Next to other pages
   * ```ts
   * import { WsServer } from "@sluice/sluice/websocket";
   * import { assertEquals } from "@std/assert";
   *
   * const chat = new WsServer({ onOpen: (connection) => void connection.send("welcome") });
   * const server = Deno.serve({ port: 0, onListen() {} }, (request, info) => {
   *   const { pathname } = new URL(request.url);
   *   return pathname === "/chat" ? chat.handler(request, info) : new Response("a page");
   * });
   *
   * const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/chat`);
   * const first = await new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
   * assertEquals(first, "welcome");
   * socket.close();
   * await new Promise((resolve) => socket.onclose = resolve);
   * await chat.drain();
   * await server.shutdown();
   * ```
   *
   * @param request The request.
   * @param info What the server of the platform tells about it.
   * @returns The answer: 101, or a refusal.
   */
  readonly handler = (request: Request, info: MountInfo = {}): Response | Promise<Response> =>
    mount(this.#context, request, info);

  /**
   * Sends a message to all open connections; it is encoded once.
   *
   * @returns How many it was sent to.
   */
  broadcast(
    data: string | Uint8Array | PreparedMessage,
    options: BroadcastOptions = {},
  ): number {
    const message = data instanceof PreparedMessage ? data : new PreparedMessage(data);
    let count = 0;
    for (const connection of this.#context.roster.open) {
      if (connection === options.except) continue;
      connection.send(message);
      count++;
    }
    return count;
  }

  /** What the server has counted, and holds now. */
  stats(): ServerStats {
    const { roster, counters, unfinished } = this.#context;
    let bufferedBytes = 0;
    for (const connection of roster.open) bufferedBytes += connection.bufferedBytes;
    return {
      ...counters,
      connections: roster.open.size,
      streams: roster.size,
      unfinishedBytes: unfinished.used,
      bufferedBytes,
    };
  }

  /**
   * Closes gracefully: takes no connections any more, closes those there are
   * with 1001, and waits until they are gone, each at most `closeTimeoutMs`.
   */
  async drain(): Promise<void> {
    this.#stopListening();
    const { roster } = this.#context;
    for (const connection of [...roster.open]) {
      connection.close(CloseCode.goingAway, "The server goes away");
    }
    await roster.empty();
  }

  /** Closes at once: drops all connections. */
  close(): void {
    this.#stopListening();
    this.#context.roster.terminate();
  }

  /** Closes gracefully, as {@linkcode drain} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  #stopListening(): void {
    this.#context.draining = true;
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }

  #listenOptions(options: WsListenOptions): ListenOptions {
    const { highWatermark, lowWatermark, maxConnections } = this.#context.settings;
    const { hostname, port, path, tls, backlog, reusePort } = options;
    return {
      ...{ hostname, port, path, tls, backlog, reusePort },
      highWatermark,
      lowWatermark,
      maxQueuedBytes: Infinity,
      maxConnections: maxConnections + REFUSAL_ROOM,
      onConnection: (stream) =>
        new ServerStream({
          stream,
          context: this.#context,
          secure: tls !== undefined,
        }),
    };
  }
}

function tickMs(settings: ServerContext["settings"]): number {
  const { handshakeTimeoutMs, closeTimeoutMs, slowTimeoutMs, pongTimeoutMs } = settings;
  const { pingIntervalMs, idleTimeoutMs } = settings;
  const shortest = Math.min(
    handshakeTimeoutMs,
    closeTimeoutMs,
    slowTimeoutMs,
    pongTimeoutMs,
    pingIntervalMs || Infinity,
    idleTimeoutMs || Infinity,
  );
  return Math.max(1, Math.min(MAX_TICK_MS, shortest / TICKS_PER_TIMEOUT));
}
