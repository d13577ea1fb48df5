import type { EventLoop, StreamSocket } from "../loop/mod.ts";

/** Bytes that each connection sends and has to get back. */
const MESSAGE = new Uint8Array(4096).fill(120);
/** Longer than a busy machine makes anybody wait. */
const PATIENCE_MS = 300_000;

/** What a {@linkcode TcpChurn} has counted. */
export interface TcpChurnCounts {
  /** Connections whose bytes have all come back. */
  completed: number;
  /** Connections that couldn't be made, or ended too early, by the reason. */
  failed: Map<string, number>;
}

/** Connects to an echo again and again, at a steady rate, and counts whether all bytes came back. */
export class TcpChurn {
  /** What was counted so far. */
  readonly counts: TcpChurnCounts = { completed: 0, failed: new Map() };
  readonly #loop: EventLoop;
  readonly #port: number;
  #stopped = false;

  /** Begins to connect, `perSecond` times a second. */
  constructor(loop: EventLoop, options: { port: number; perSecond: number }) {
    this.#loop = loop;
    this.#port = options.port;
    loop.every(1000 / options.perSecond, () => this.#connect());
  }

  /** Connects no more. */
  stop(): void {
    this.#stopped = true;
  }

  async #connect(): Promise<void> {
    if (this.#stopped) return;
    let missing = MESSAGE.length;
    const onData = (chunk: Uint8Array, stream: StreamSocket): void => {
      missing -= chunk.length;
      if (missing === 0) stream.end();
    };
    try {
      const stream = await this.#loop.connectStream({
        hostname: "127.0.0.1",
        port: this.#port,
        connectTimeoutMs: PATIENCE_MS,
        handlers: {
          onData,
          onClose: (_, error) => {
            if (missing === 0) this.counts.completed++;
            else this.#fail(error?.message ?? "it was ended");
          },
        },
      });
      stream.write(MESSAGE);
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #fail(reason: string): void {
    const { failed } = this.counts;
    failed.set(reason, (failed.get(reason) ?? 0) + 1);
  }
}
