import {
  EventLoop,
  type Handle,
  type StreamAddress,
  type StreamListener,
  type StreamSocket,
} from "../../loop/mod.ts";
import { AddressFilter, LOOPBACK } from "../address_filter.ts";
import { type DeadLine, DeadLineLog } from "./dead_line_log.ts";
import { JobLineReader } from "./job_line_reader.ts";
import { reportTo } from "../report_to.ts";
import { LineBudget } from "./line_budget.ts";
import { LineConnection, type LineContext } from "./line_connection.ts";
import type { LineServerOptions, LineServerStats } from "./line_server_options.ts";

/**
 * Takes jobs from a socket, one a line, in JSON or serialized by PHP. A sender may leave as soon
 * as it has written. When the store is full nothing is read, so that the network holds the jobs.
 *
 * @example A line
 * ```ts
 * import { EventLoop, type SocketAddress } from "@sluice/sluice/loop";
 * import { LineServer, MemoryJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * await using store = new MemoryJobStore({ loop });
 * await using server = await LineServer.listen({ loop, store, port: 0 });
 * const { port } = server.address as SocketAddress;
 * await using stream = await loop.connectStream({ port, hostname: "127.0.0.1", handlers: { onData() {} } });
 * stream.write(new TextEncoder().encode('{"job":"hello","data":"Christoph"}\n'));
 * const [job] = await store.reserve({ tubes: ["default"] });
 * assertEquals(JSON.parse(new TextDecoder().decode(job.body)).data, "Christoph");
 * ```
 */
export class LineServer implements AsyncDisposable {
  readonly #context: LineContext;
  readonly #options: LineServerOptions;
  readonly #connections = new Set<LineConnection>();
  readonly #checks: Handle[] = [];
  #listener!: StreamListener;
  #stopped: Promise<void> | null = null;

  private constructor(options: LineServerOptions) {
    const { loop = EventLoop.default() } = options;
    this.#options = options;
    this.#context = {
      loop,
      store: options.store,
      reader: new JobLineReader({ php: options.php }),
      deadLines: new DeadLineLog(options.maxDeadLines ?? 100),
      stats: {
        connections: 0,
        refused: 0,
        jobs: 0,
        badLines: 0,
        timedOut: 0,
        handedBack: 0,
        fullWaits: 0,
        failures: 0,
      },
      maxLineBytes: options.maxLineBytes ?? 1_048_576,
      maxPendingBytes: options.maxPendingBytes ?? 262_144,
      budget: new LineBudget(options.maxTotalPendingBytes ?? 67_108_864),
      answerDelayMs: options.answerDelayMs ?? 20,
      retryMs: options.retryMs ?? 1000,
      onError: options.onError ?? reportTo(loop),
    };
  }

  /**
   * Starts to serve.
   *
   * @param options See {@linkcode LineServerOptions}.
   * @throws {SyntaxError} When a range of addresses is none.
   * @throws {RangeError} When a timeout is below 0.
   * @throws {ListenError} When the address can't be listened on.
   */
  static async listen(options: LineServerOptions): Promise<LineServer> {
    const { lineTimeoutMs = 30_000, idleTimeoutMs = 0, allow = LOOPBACK } = options;
    const filter = new AddressFilter(allow);
    checkTimeout(lineTimeoutMs);
    checkTimeout(idleTimeoutMs);
    const server = new LineServer(options);
    server.#listener = await server.#context.loop.listenStream({
      hostname: options.hostname ?? "127.0.0.1",
      port: options.port ?? 8001,
      maxConnections: options.maxConnections ?? 10_000,
      keepAlive: true,
      onConnection: filter.guard(
        (stream) => server.#accept(stream),
        () => void server.#context.stats.refused++,
      ),
    });
    server.#checkEvery(lineTimeoutMs / 2, (connection) => connection.checkLine());
    server.#checkEvery(idleTimeoutMs / 2, (connection) => connection.checkSilence());
    return server;
  }

  /** Where it listens. */
  get address(): StreamAddress {
    return this.#listener.localAddress;
  }

  /** What it has counted. */
  stats(): LineServerStats {
    return { ...this.#context.stats, connections: this.#connections.size };
  }

  /** The latest lines that were no jobs, oldest first. */
  deadLines(): DeadLine[] {
    return this.#context.deadLines.lines();
  }

  /**
   * Stops to listen. What senders have written is read and stored, even if the store is full;
   * those that would go on, and those whose jobs the store doesn't take in time, are told so.
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drain(): Promise<void> {
    const { loop } = this.#context;
    this.#listener.close();
    for (const check of this.#checks) check.cancel();
    // Those that were accepted are announced by now.
    await loop.sleep(0);
    let isTime = false;
    const timer = loop.callLater(this.#options.graceMs ?? 5000, () => {
      isTime = true;
      for (const connection of this.#connections) connection.giveUp();
    });
    while (this.#connections.size > 0) {
      const connections = [...this.#connections];
      for (const connection of connections) isTime ? connection.giveUp() : connection.drain();
      await Promise.all(connections.map(({ over }) => over));
    }
    timer.cancel();
    await this.#listener[Symbol.asyncDispose]();
  }

  #checkEvery(periodMs: number, check: (connection: LineConnection) => void): void {
    if (periodMs === 0) return;
    this.#checks.push(this.#context.loop.every(periodMs, () => this.#connections.forEach(check)));
  }

  #accept(stream: StreamSocket): LineConnection {
    const connection = new LineConnection(stream, this.#context);
    this.#connections.add(connection);
    void connection.over.then(() => this.#connections.delete(connection));
    return connection;
  }
}

function checkTimeout(ms: number): void {
  if (ms >= 0 && ms < Infinity) return;
  throw new RangeError(`Cannot end connections after ${ms} ms as that is no time`);
}
