import { AcceptedStreams } from "../accepted_streams.ts";
import { listenFailure } from "../listen_error.ts";
import type { ListenerStats, ListenOptions, StreamAddress, StreamListener } from "../stream.ts";
import { claimAddress } from "./claim_address.ts";
import { Endpoint } from "./endpoint.ts";
import type { SimulatedPoller, SimulatedSource } from "./poller.ts";
import type { PortHolder } from "./port_table.ts";
import { SimulatedStream } from "./stream.ts";
import type { StreamEnd } from "./stream_end.ts";

/** A listener for streams in the simulated network. */
export class SimulatedListener implements StreamListener, SimulatedSource, PortHolder {
  readonly local: Endpoint;
  readonly reusePort: boolean;
  readonly localAddress: StreamAddress;
  readonly #poller: SimulatedPoller;
  readonly #options: ListenOptions;
  readonly #backlog: number;
  readonly #maxConnections: number;
  readonly #streams: AcceptedStreams;
  #pending: StreamEnd[] = [];
  #acceptErrors = 0;
  #marked = false;
  #closed = false;

  constructor(poller: SimulatedPoller, options: ListenOptions) {
    if (options.tls) throw new TypeError("Cannot listen as the simulated network has no TLS");
    const { machine } = poller;
    const { path } = options;
    this.#poller = poller;
    this.#options = options;
    this.#backlog = Math.max(1, options.backlog ?? 511);
    this.#maxConnections = options.maxConnections ?? 65_536;
    this.#streams = new AcceptedStreams(poller.loop, {
      listen: options,
      onGone: () => this.#mark(),
    });
    this.reusePort = options.reusePort ?? false;
    if (path === undefined) {
      this.local = claimAddress(machine, machine.listeners, { ...options, attempt: "listen on" });
      this.localAddress = { hostname: this.local.ip, port: this.local.port };
      machine.listeners.add(this);
    } else {
      if (machine.paths.has(path)) {
        throw listenFailure("listen on", { path }, { errno: "EADDRINUSE" });
      }
      this.local = new Endpoint("::", 0);
      this.localAddress = { path };
      machine.paths.set(path, this);
    }
    poller.add(this);
  }

  stats(): ListenerStats {
    return {
      accepted: this.#streams.accepted,
      connections: this.#streams.size,
      acceptPauses: 0,
      acceptErrors: this.#acceptErrors,
    };
  }

  /** Whether the backlog has no room for another stream. */
  get full(): boolean {
    return this.#pending.length >= this.#backlog;
  }

  /** Puts a stream whose handshake is done into the backlog. */
  queue(end: StreamEnd): void {
    this.#pending.push(end);
    this.#mark();
  }

  respond(): void {
    this.#marked = false;
    while (this.#pending.length > 0 && this.#streams.size < this.#maxConnections) {
      this.#accept(this.#pending.shift()!);
    }
  }

  flush(): void {}

  drop(): void {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { machine } = this.#poller;
    if (this.#options.path === undefined) machine.listeners.delete(this);
    else machine.paths.delete(this.#options.path);
    for (const end of this.#pending.splice(0)) end.close(true);
    this.#poller.remove(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#streams[Symbol.asyncDispose]();
  }

  #mark(): void {
    if (this.#marked || this.#closed || this.#pending.length === 0) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #accept(end: StreamEnd): void {
    if (end.failure !== null) {
      this.#acceptErrors++;
      return;
    }
    this.#streams.add((onGone) =>
      new SimulatedStream(this.#poller, { end, settings: this.#options, onGone })
    );
  }
}
