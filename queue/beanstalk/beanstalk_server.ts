import {
  EventLoop,
  type StreamAddress,
  type StreamHandlers,
  type StreamListener,
  type StreamSocket,
} from "../../loop/mod.ts";
import { AddressFilter, LOOPBACK } from "../address_filter.ts";
import type { JobStore } from "../job_store.ts";
import { reportTo } from "../report_to.ts";
import { BeanstalkConnection } from "./connection.ts";
import { type ServerIdentity, ServerState } from "./server_state.ts";

/** Options of {@linkcode BeanstalkServer.listen}. */
export interface BeanstalkServerOptions {
  /** Keeps the jobs. */
  store: JobStore;
  /**
   * The loop of the connections, which must be that of the store.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * The interface to listen on.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The port to listen on; 0 for any.
   *
   * @default {11300}
   */
  port?: number;
  /**
   * Addresses and ranges (CIDR) that may connect.
   *
   * @default {["127.0.0.0/8", "::1"]}
   */
  allow?: readonly string[];
  /**
   * The largest body of a job in bytes.
   *
   * @default {65_535}
   */
  maxJobBytes?: number;
  /**
   * Most jobs that a connection has reserved; beyond them `reserve` is answered `OUT_OF_MEMORY`.
   *
   * @default {10_000}
   */
  maxReservedJobs?: number;
  /**
   * Most connections at a time; further ones wait to be accepted.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * What `stats` tells about the process.
   *
   * @default {nothing}
   */
  identity?: ServerIdentity;
  /**
   * Told of what fails; the client is answered `INTERNAL_ERROR`.
   *
   * @default {the onError of the loop}
   */
  onError?: (error: unknown) => void;
}

/** What a beanstalk server has counted. */
export interface BeanstalkServerStats {
  /** Connections open now. */
  connections: number;
  /** Connections refused, as their address is not allowed. */
  refused: number;
  /** Commands refused, as their connection has reserved or watches too much. */
  overLimit: number;
}

/**
 * Serves the beanstalk protocol, so that clients in every language can put and reserve jobs. A
 * job that was put is durable before it is answered, as far as the store is.
 *
 * @example Put a job
 * ```ts
 * import { EventLoop, type SocketAddress } from "@sluice/sluice/loop";
 * import { BeanstalkServer, MemoryJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * await using store = new MemoryJobStore({ loop });
 * await using server = await BeanstalkServer.listen({ loop, store, port: 0 });
 * const { port } = server.address as SocketAddress;
 * const answer = Promise.withResolvers<string>();
 * await using stream = await loop.connectStream({
 *   hostname: "127.0.0.1",
 *   port,
 *   handlers: { onData: (chunk) => answer.resolve(new TextDecoder().decode(chunk)) },
 * });
 * stream.write(new TextEncoder().encode("put 0 0 60 5\r\nhello\r\n"));
 * assertEquals(await answer.promise, "INSERTED 1\r\n");
 * ```
 */
export class BeanstalkServer implements AsyncDisposable {
  readonly #state: ServerState;
  readonly #closing = new Set<Promise<void>>();
  #listener!: StreamListener;

  private constructor(options: BeanstalkServerOptions) {
    const { loop = EventLoop.default() } = options;
    this.#state = new ServerState({
      loop,
      store: options.store,
      identity: options.identity ?? { pid: 0, hostname: "", os: "", platform: "" },
      maxJobBytes: options.maxJobBytes ?? 65_535,
      maxReservedJobs: options.maxReservedJobs ?? 10_000,
      onError: options.onError ?? reportTo(loop),
    });
  }

  /**
   * Starts to serve.
   *
   * @param options See {@linkcode BeanstalkServerOptions}.
   * @throws {SyntaxError} When a range of addresses is none.
   * @throws {ListenError} When the address can't be listened on.
   */
  static async listen(options: BeanstalkServerOptions): Promise<BeanstalkServer> {
    const filter = new AddressFilter(options.allow ?? LOOPBACK);
    const server = new BeanstalkServer(options);
    server.#listener = await server.#state.loop.listenStream({
      hostname: options.hostname ?? "127.0.0.1",
      port: options.port ?? 11_300,
      maxConnections: options.maxConnections ?? 10_000,
      keepAlive: true,
      onConnection: filter.guard(
        (stream) => server.#accept(stream),
        () => void server.#state.refused++,
      ),
    });
    return server;
  }

  /** Where it listens. */
  get address(): StreamAddress {
    return this.#listener.localAddress;
  }

  /** What it has counted. */
  stats(): BeanstalkServerStats {
    const { connections, refused, overLimit } = this.#state;
    return { connections, refused, overLimit };
  }

  /** Whether new jobs are refused with `DRAINING`. */
  get draining(): boolean {
    return this.#state.draining;
  }

  /** Refuses new jobs from now on, while those that are there can be worked off. */
  drain(): void {
    this.#state.draining = true;
  }

  /** Stops to listen and ends all connections; what they had reserved is given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    await Promise.all(this.#closing);
  }

  #accept(stream: StreamSocket): StreamHandlers {
    const connection = new BeanstalkConnection(stream, this.#state);
    return {
      onData: (chunk) => connection.onData(chunk),
      onEnd: () => connection.onEnd(),
      onClose: async () => {
        const closing = connection.onClose();
        this.#closing.add(closing);
        await closing.finally(() => this.#closing.delete(closing));
      },
    };
  }
}
