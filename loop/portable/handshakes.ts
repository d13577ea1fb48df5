import type { PollerHost } from "../poller.ts";

/** Options of {@linkcode Handshakes}. */
export interface HandshakesOptions {
  /** The loop. */
  host: PollerHost;
  /**
   * How long one may take, in milliseconds.
   *
   * @default {10_000}
   */
  timeoutMs?: number;
  /** Called when the two sides have agreed. */
  onDone: (conn: Deno.TlsConn, alpnProtocol: string | null) => void;
  /** Called when one has failed or took too long, and its connection was closed. */
  onFailed: () => void;
}

/** TLS handshakes of a listener that are under way, none of which may hold up the others. */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #conns = new Set<Deno.TlsConn>();

  /** @param options See {@linkcode HandshakesOptions}. */
  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** How many are under way. */
  get size(): number {
    return this.#conns.size;
  }

  /** Begins one. */
  begin(conn: Deno.TlsConn): void {
    this.#conns.add(conn);
    const { host, timeoutMs = 10_000 } = this.#options;
    const timer = host.callLater(timeoutMs, () => this.#end(conn));
    conn.handshake().then(
      ({ alpnProtocol }) => {
        timer?.cancel();
        if (this.#conns.delete(conn)) this.#options.onDone(conn, alpnProtocol);
      },
      () => {
        timer?.cancel();
        this.#end(conn);
      },
    );
  }

  /** Closes the connections of all. */
  abandon(): void {
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }

  #end(conn: Deno.TlsConn): void {
    if (!this.#conns.delete(conn)) return;
    conn.close();
    this.#options.onFailed();
  }
}
