import type { Bus } from "./bus.ts";
import type { FetchHandler } from "./fetch_handler.ts";
import type { FetchServer } from "./_fetch_server.ts";
import { FrameKind } from "./_frame.ts";
import type { Share } from "./share.ts";
import { PortServer } from "./_port_server.ts";
import { linkOfProcess } from "./_process_link.ts";
import { WorkerBus } from "./_worker_bus.ts";
import type { RetireCallback, WorkerLink } from "./_worker_link.ts";

/** Options of {@linkcode worker}. */
export interface WorkerOptions {
  /**
   * The interface to listen on when nobody supervises the process.
   *
   * @default {"0.0.0.0"}
   */
  hostname?: string;
  /**
   * The port to listen on when nobody supervises the process; 0 lets the system choose.
   *
   * @default {8000}
   */
  port?: number;
}

/**
 * The place of this process among the workers of a supervisor. Given by {@linkcode worker}.
 */
export class WorkerContext {
  /** The number of the worker, from 1; 0 when nobody supervises the process. */
  readonly id: number;
  /** The interface to listen on. */
  readonly hostname: string;
  /** The port to listen on. */
  readonly port: number;
  /** How the port is shared with the other workers. */
  readonly share: Share;
  /** The descriptor of the inherited listening socket when the port is shared by it, else -1. */
  readonly listenFd: number;
  /** Where small messages for other workers are published. */
  readonly bus: Bus;
  readonly #link: WorkerLink | null;
  readonly #draining = new AbortController();
  readonly #reopeners: (() => void)[] = [];
  #messageHandler: ((bytes: Uint8Array<ArrayBuffer>) => void) | null = null;

  /** @ignore Contexts are made by {@linkcode worker}. */
  constructor(link: WorkerLink | null, options: WorkerOptions) {
    this.#link = link;
    this.id = link?.config.id ?? 0;
    this.hostname = link?.config.hostname ?? options.hostname ?? "0.0.0.0";
    this.port = link?.config.port ?? options.port ?? 8000;
    this.share = link?.config.share ?? "none";
    this.listenFd = link?.config.listenFd ?? -1;
    this.bus = new WorkerBus(link);
    link?.listen({
      onDrain: () => this.#draining.abort(),
      onRetire: () => this.#draining.abort(),
      onReopen: () => this.#reopeners.forEach((reopen) => reopen()),
      onMessage: (bytes) => this.#messageHandler?.(bytes),
    });
  }

  /** Whether a supervisor started this process. */
  get supervised(): boolean {
    return this.#link !== null;
  }

  /**
   * Aborted when new connections begin to go to others: from now on connections that are kept
   * alive should end with their next answer.
   */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Says that the worker serves; only then it counts as booted. */
  ready(): void {
    this.#link?.tell({ type: "ready" });
  }

  /**
   * Serves HTTP on the shared port until the worker has to go, and says that it is ready.
   * Nothing is lost when it goes: kept-alive connections are ended, and requests answered.
   *
   * @param handler Answers the requests.
   * @throws When the port can't be had.
   */
  async serve(handler: FetchHandler): Promise<void> {
    const server = await this.#listen(handler);
    this.draining.addEventListener("abort", () => server.drain());
    this.onRetire(() => server.shutdown());
    void server.idle?.then(() => this.#link?.tell({ type: "drained" }));
    this.#link?.tell({ type: "ready", http: true });
  }

  /**
   * Has `callback` called when the worker has to go. The process ends when all callbacks are
   * done, or is killed when they take too long. Never called when nobody supervises the process.
   */
  onRetire(callback: RetireCallback): void {
    this.#link?.onRetire(callback);
  }

  /** Has `callback` called when log files have to be opened again, as they were rotated. */
  onReopen(callback: () => void): void {
    this.#reopeners.push(callback);
  }

  /**
   * Has `handler` called with the bytes that the supervisor's program sends, instead of the
   * handler before. The bytes are valid only during the call.
   */
  onMessage(handler: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.#link?.hold();
    this.#messageHandler = handler;
  }

  /**
   * Sends bytes to the supervisor's program.
   *
   * @returns Whether they were taken: not when more than 64 MiB wait for the supervisor.
   */
  send(bytes: Uint8Array): boolean {
    return this.#link?.send(FrameKind.message, bytes) ?? false;
  }

  /** Resolves once all that was sent has left this process. */
  async drained(): Promise<void> {
    await this.#link?.drained();
  }

  /** Counts a request or job that was served, for the limit of requests a worker. */
  countRequest(): void {
    const link = this.#link;
    if (link !== null && ++link.requests === link.config.maxRequests) link.tell({ type: "spent" });
  }

  async #listen(handler: FetchHandler): Promise<FetchServer> {
    const onRequest = (): void => this.countRequest();
    if (this.share === "inherit") {
      const { InheritedServer } = await import("./_inherited_server.ts");
      return InheritedServer.listen({ handler, fd: this.listenFd, onRequest });
    }
    const { hostname, port } = this;
    return new PortServer({
      handler,
      hostname,
      port,
      reusePort: this.share === "reuseport",
      onRequest,
    });
  }
}

/**
 * The place of this process among the workers of a supervisor. A program that calls it has more
 * control than one that exports a `fetch` function: it listens by itself, on TCP or UDP, says
 * when it is ready, and finishes its work before it goes. It runs without a supervisor too.
 *
 * @example Serve HTTP
 * ```ts ignore
 * import { worker } from "@sluice/sluice/prefork";
 *
 * const me = await worker();
 * await me.serve(() => new Response(`Hello from worker ${me.id}`));
 * ```
 *
 * @param options Where to listen when nobody supervises the process.
 * @returns The place of this process.
 */
export function worker(options: WorkerOptions = {}): Promise<WorkerContext> {
  const link = linkOfProcess();
  link?.tell({ type: "managed" });
  return Promise.resolve(new WorkerContext(link, options));
}
