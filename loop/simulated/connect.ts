import type { Handle } from "../handle.ts";
import { formatAddress } from "../format_address.ts";
import {
  type ConnectOptions,
  type StreamAddress,
  StreamError,
  type StreamSocket,
} from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import type { SimulatedPoller, SimulatedSource } from "./poller.ts";
import { SimulatedStream } from "./stream.ts";
import { StreamDial } from "./stream_dial.ts";
import type { StreamEnd } from "./stream_end.ts";

/** Opens a stream in the simulated network. */
export async function connectSimulatedStream(
  poller: SimulatedPoller,
  options: ConnectOptions,
): Promise<StreamSocket> {
  const { path, port, tls, signal } = options;
  if ((path === undefined) === (port === undefined)) {
    throw new TypeError("Cannot connect as either a port or a path must be given");
  }
  if (tls) throw new TypeError("Cannot connect as the simulated network has no TLS");
  signal?.throwIfAborted();
  const end = await new Attempt(poller, options).connect();
  const stream = new SimulatedStream(poller, { end, settings: options });
  // Whoever waits for the stream gets it before it tells anything.
  poller.loop.callSoon(() => stream.open(options.handlers));
  return stream;
}

/** A connection that is being opened; the loop waits for it as for a socket. */
class Attempt implements SimulatedSource {
  readonly #poller: SimulatedPoller;
  readonly #options: ConnectOptions;
  readonly #target: StreamAddress;
  #left: string[];
  #dial: StreamDial | null = null;
  #timer: Handle | null = null;
  #settle: { resolve: (end: StreamEnd) => void; reject: (reason: unknown) => void } | null = null;
  #outcome: StreamEnd | string | null = null;

  constructor(poller: SimulatedPoller, options: ConnectOptions) {
    const { hostname = "localhost", port = 0, path } = options;
    this.#poller = poller;
    this.#options = options;
    this.#target = path === undefined ? { hostname, port } : { path };
    this.#left = path === undefined ? [...poller.machine.resolve(hostname)] : [path];
  }

  async connect(): Promise<StreamEnd> {
    const { connectTimeoutMs = 10_000, signal } = this.#options;
    const giveUp = (): void => this.#cancel(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#timer = this.#poller.loop.callLater(connectTimeoutMs, () => this.#expire());
    this.#poller.add(this);
    try {
      return await new Promise<StreamEnd>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#dialNext("ENOTFOUND");
      });
    } finally {
      this.#timer?.cancel();
      signal?.removeEventListener("abort", giveUp);
      this.#poller.remove(this);
    }
  }

  respond(): void {
    const outcome = this.#outcome;
    this.#outcome = null;
    if (outcome === null) return;
    if (typeof outcome === "string") return this.#dialNext(outcome);
    this.#dial = null;
    this.#settle?.resolve(outcome);
    this.#settle = null;
  }

  flush(): void {}

  drop(): void {
    this.#cancel(new StreamError(`Cannot ${this.#what} as its loop ended`, { code: "closed" }));
  }

  vanish(): void {
    this.#settle = null;
  }

  get #what(): string {
    return `connect to ${formatAddress(this.#target)}`;
  }

  #dialNext(errno: string): void {
    const next = this.#left.shift();
    if (next === undefined) return this.#settle?.reject(streamFailure(this.#what, errno));
    const target = "path" in this.#target ? this.#target : { ...this.#target, hostname: next };
    this.#dial = new StreamDial(this.#poller.machine, target, (outcome) => {
      this.#outcome = outcome;
      this.#poller.markReady(this);
    });
  }

  #expire(): void {
    const message = `Cannot ${this.#what} as it took longer than ` +
      `${this.#options.connectTimeoutMs ?? 10_000} ms`;
    this.#cancel(new StreamError(message, { code: "timeout" }));
  }

  #cancel(reason: unknown): void {
    this.#dial?.cancel();
    this.#outcome = null;
    this.#settle?.reject(reason);
    this.#settle = null;
  }
}
