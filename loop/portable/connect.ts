import type { Handle } from "../handle.ts";
import { formatAddress } from "../format_address.ts";
import {
  type ConnectOptions,
  type ConnectTls,
  type StreamAddress,
  StreamError,
  type StreamSocket,
} from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import { errnoOf } from "./errno.ts";
import { handshakeFailure } from "./handshake.ts";
import type { PortablePoller, PortableSource } from "./poller.ts";
import { PortableStream } from "./stream.ts";

/** Opens a stream on a connection of the platform. */
export async function connectPortableStream(
  poller: PortablePoller,
  options: ConnectOptions,
): Promise<StreamSocket> {
  const { path, tls, signal } = options;
  if (path !== undefined && tls) {
    throw new TypeError("Cannot connect as the portable poller speaks no TLS on unix sockets");
  }
  signal?.throwIfAborted();
  const { conn, alpnProtocol } = await new Attempt(poller, options).connect();
  const stream = new PortableStream(poller, { conn, alpnProtocol, settings: options });
  // Whoever waits for the stream gets it before it tells anything.
  poller.host.callSoon(() => stream.open(options.handlers));
  return stream;
}

interface Established {
  conn: Deno.Conn;
  alpnProtocol: string | null;
}

/** A connection that is being opened; the loop waits for it as for a socket. */
class Attempt implements PortableSource {
  readonly #poller: PortablePoller;
  readonly #options: ConnectOptions;
  readonly #target: StreamAddress;
  readonly #abort = new AbortController();
  #timer: Handle | null = null;
  #conn: Deno.Conn | null = null;

  constructor(poller: PortablePoller, options: ConnectOptions) {
    const { hostname = "localhost", port = 0, path } = options;
    this.#poller = poller;
    this.#options = options;
    this.#target = path === undefined ? { hostname, port } : { path };
  }

  async connect(): Promise<Established> {
    const { connectTimeoutMs = 10_000, signal } = this.#options;
    const giveUp = (): void => this.#cancel(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#timer = this.#poller.host.callLater(connectTimeoutMs, () => this.#expire());
    this.#poller.add(this);
    try {
      const cancelled = new Promise<never>((_, reject) => {
        const { signal } = this.#abort;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      return await Promise.race([cancelled, this.#establish()]);
    } finally {
      this.#timer?.cancel();
      signal?.removeEventListener("abort", giveUp);
      this.#poller.remove(this);
    }
  }

  respond(): void {}

  flush(): Promise<void> {
    return Promise.resolve();
  }

  drop(): void {
    this.#cancel(new StreamError(`Cannot ${this.#what} as its loop ended`, { code: "closed" }));
  }

  get #what(): string {
    return `connect to ${formatAddress(this.#target)}`;
  }

  #cancel(reason: unknown): void {
    this.#abort.abort(reason);
    this.#conn?.close();
    this.#conn = null;
  }

  #expire(): void {
    const message = `Cannot ${this.#what} as it took longer than ` +
      `${this.#options.connectTimeoutMs ?? 10_000} ms`;
    this.#cancel(new StreamError(message, { code: "timeout" }));
  }

  async #establish(): Promise<Established> {
    const { tls, hostname = "localhost" } = this.#options;
    const conn = await this.#open();
    if (!tls) return { conn, alpnProtocol: null };
    try {
      return await this.#secure(conn as Deno.TcpConn, {
        ...tls,
        serverName: tls.serverName ?? hostname,
      });
    } catch (cause) {
      this.#conn?.close();
      throw handshakeFailure(this.#what, cause);
    }
  }

  async #open(): Promise<Deno.Conn> {
    const { signal } = this.#abort;
    try {
      const conn = "path" in this.#target
        ? await Deno.connect({ transport: "unix", path: this.#target.path })
        : this.#tune(await Deno.connect({ ...this.#target, signal }));
      // Cancelled while the system was still at it.
      if (signal.aborted) conn.close();
      return conn;
    } catch (cause) {
      throw streamFailure(this.#what, errnoOf(cause), { cause });
    }
  }

  #tune(conn: Deno.TcpConn): Deno.TcpConn {
    const { noDelay = true, keepAlive = false } = this.#options;
    conn.setNoDelay(noDelay);
    if (keepAlive) conn.setKeepAlive(true);
    return conn;
  }

  async #secure(plain: Deno.TcpConn, tls: ConnectTls): Promise<Established> {
    this.#conn = plain;
    const { serverName, caCerts, alpnProtocols } = tls;
    const conn = await Deno.startTls(plain, { hostname: serverName, caCerts, alpnProtocols });
    this.#conn = conn;
    const { alpnProtocol } = await conn.handshake();
    this.#conn = null;
    return { conn, alpnProtocol };
  }
}
