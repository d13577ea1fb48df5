import { AcceptPause } from "../accept_pause.ts";
import { AcceptedStreams } from "../accepted_streams.ts";
import { macrotask } from "../macrotask.ts";
import type { ListenerStats, ListenOptions, StreamAddress, StreamListener } from "../stream.ts";
import { streamAddress } from "./address.ts";
import { errnoOf } from "./errno.ts";
import { Handshakes } from "./handshakes.ts";
import { openListener } from "./open_listener.ts";
import type { PortablePoller, PortableSource } from "./poller.ts";
import { PortableStream } from "./stream.ts";

/** What the system says when it is short of descriptors or memory. */
const SHORTAGES: readonly (string | undefined)[] = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"];
/** Failures in a row, without a connection between them, that lose the listener. */
const MAX_ACCEPT_ERRORS = 1000;
/** Accepted connections that may wait for the I/O phase. */
const MAX_ARRIVED = 128;

interface PortableListenerOptions extends ListenOptions {
  listener: Deno.Listener;
}

interface Arrival {
  conn: Deno.Conn;
  alpnProtocol: string | null;
}

/** Listens on the platform's own sockets. */
export async function listenPortableStream(
  poller: PortablePoller,
  options: ListenOptions,
): Promise<StreamListener> {
  return new PortableListener(poller, { ...options, listener: await openListener(options) });
}

class PortableListener implements StreamListener, PortableSource {
  readonly localAddress: StreamAddress;
  readonly #poller: PortablePoller;
  readonly #options: PortableListenerOptions;
  readonly #maxConnections: number;
  readonly #streams: AcceptedStreams;
  readonly #pause: AcceptPause;
  readonly #handshakes: Handshakes | null;
  // The platform gives the port back when accepting has ended.
  readonly #pumping: Promise<void>;
  #arrivals: Arrival[] = [];
  #acceptErrors = 0;
  #proceed: (() => void) | null = null;
  #marked = false;
  #closed = false;

  constructor(poller: PortablePoller, options: PortableListenerOptions) {
    this.#poller = poller;
    this.#options = options;
    this.#maxConnections = options.maxConnections ?? 65_536;
    const { host } = poller;
    this.#streams = new AcceptedStreams(host, { listen: options, onGone: () => this.#continue() });
    this.#pause = new AcceptPause(host);
    this.localAddress = streamAddress(options.listener.addr);
    this.#handshakes = options.tls
      ? new Handshakes({
        host,
        timeoutMs: options.tls.handshakeTimeoutMs,
        onDone: (conn, alpnProtocol) => this.#arrive({ conn, alpnProtocol }),
        onFailed: () => void this.#acceptErrors++,
        onOver: () => this.#continue(),
      })
      : null;
    poller.add(this);
    this.#pumping = this.#pump();
  }

  stats(): ListenerStats {
    return {
      accepted: this.#streams.accepted,
      connections: this.#streams.size,
      acceptPauses: this.#pause.count,
      acceptErrors: this.#acceptErrors,
    };
  }

  respond(): void {
    this.#marked = false;
    for (const arrival of this.#arrivals.splice(0)) this.#announce(arrival);
    this.#continue();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async drop(): Promise<void> {
    this.close();
    await this.#pumping;
    this.#handshakes?.abandon();
    for (const { conn } of this.#arrivals.splice(0)) conn.close();
    this.#poller.remove(this);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.listener.close();
    this.#pause.cancel();
    this.#continue();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drop();
    await this.#streams[Symbol.asyncDispose]();
  }

  /** Connections that are open, about to be announced, or agreeing on TLS. */
  get #busy(): number {
    return this.#streams.size + this.#arrivals.length + (this.#handshakes?.size ?? 0);
  }

  get #crowded(): boolean {
    return this.#busy >= this.#maxConnections || this.#arrivals.length >= MAX_ARRIVED;
  }

  async #pump(): Promise<void> {
    for (let failures = 0; !this.#closed && failures < MAX_ACCEPT_ERRORS;) {
      try {
        while (this.#crowded && !this.#closed) await this.#wait();
        if (this.#closed) return;
        const conn = await this.#options.listener.accept();
        failures = 0;
        this.#pause.relax();
        if (this.#handshakes !== null) this.#handshakes.begin(conn as Deno.TlsConn);
        else this.#arrive({ conn, alpnProtocol: null });
      } catch (error) {
        if (this.#closed) return;
        if (SHORTAGES.includes(errnoOf(error))) await this.#pauseAccepting();
        else if (++failures === MAX_ACCEPT_ERRORS) this.#fail(error);
        else await this.#skip();
      }
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#proceed = resolve);
  }

  #continue(): void {
    this.#proceed?.();
    this.#proceed = null;
    if (this.#closed && this.#busy === this.#streams.size) this.#poller.remove(this);
  }

  async #pauseAccepting(): Promise<void> {
    this.#pause.begin(() => this.#continue());
    await this.#wait();
  }

  async #skip(): Promise<void> {
    this.#acceptErrors++;
    await macrotask();
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    if (this.#marked) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #announce({ conn, alpnProtocol }: Arrival): void {
    const { noDelay = true, keepAlive = false } = this.#options;
    if ("setNoDelay" in conn) {
      (conn as Deno.TcpConn).setNoDelay(noDelay);
      if (keepAlive) (conn as Deno.TcpConn).setKeepAlive(true);
    }
    this.#streams.add((onGone) =>
      new PortableStream(this.#poller, { conn, alpnProtocol, settings: this.#options, onGone })
    );
  }

  #fail(error: unknown): void {
    this.close();
    if (this.#options.onError && error instanceof Error) this.#options.onError(error);
    else this.#poller.host.report(error);
  }
}
