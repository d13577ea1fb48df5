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
  /** Called when the two sides have agreed in time. */
  onDone: (conn: Deno.TlsConn, alpnProtocol: string | null) => void;
  /** Called when one has failed or is overdue. */
  onFailed: () => void;
  /** Called when one that has failed or was overdue is over, and its connection closed. */
  onOver: () => void;
}

/**
 * TLS handshakes of a listener that are under way, none of which may hold up
 * the others. The platform can't break a handshake off: even a closed
 * connection keeps its descriptor until the peer goes on or away. So one that
 * is overdue goes on counting until then, lest silent clients take all
 * descriptors of the process.
 */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #conns = new Set<Deno.TlsConn>();

  /** @param options See {@linkcode HandshakesOptions}. */
  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** How many are under way, the overdue ones included. */
  get size(): number {
    return this.#conns.size;
  }

  /** Begins one. */
  begin(conn: Deno.TlsConn): void {
    this.#conns.add(conn);
    const { host, timeoutMs = 10_000, onDone, onFailed } = this.#options;
    let overdue = false;
    const timer = host.callLater(timeoutMs, () => {
      overdue = true;
      onFailed();
    });
    conn.handshake().then(({ alpnProtocol }) => {
      timer?.cancel();
      if (overdue) this.#end(conn);
      else if (this.#conns.delete(conn)) onDone(conn, alpnProtocol);
    }, () => {
      timer?.cancel();
      if (!overdue && this.#conns.has(conn)) onFailed();
      this.#end(conn);
    });
  }

  /** Closes the connections of all. */
  abandon(): void {
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }

  #end(conn: Deno.TlsConn): void {
    if (!this.#conns.delete(conn)) return;
    conn.close();
    this.#options.onOver();
  }
}
