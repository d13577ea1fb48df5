import { BaseStream, type BaseStreamOptions } from "../base_stream.ts";
import type { StreamError } from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import { streamAddress } from "./address.ts";
import { errnoOf } from "./errno.ts";
import type { PortablePoller, PortableReader, PortableSource } from "./poller.ts";
import { ReadBuffer } from "./read_buffer.ts";

/** Options of {@linkcode PortableStream}. */
export interface PortableStreamOptions
  extends Pick<BaseStreamOptions, "settings" | "alpnProtocol" | "onGone"> {
  /** The connection. */
  conn: Deno.Conn;
}

/** A stream on a connection of the platform. */
export class PortableStream extends BaseStream implements PortableSource, PortableReader {
  readonly #poller: PortablePoller;
  readonly #conn: Deno.Conn;
  readonly #buffer = new ReadBuffer();
  #marked = false;
  #readWanted = false;
  #reading = false;
  #writing = false;
  #arrived = 0;
  #lastCount = 0;
  #released = false;
  #progress: (() => void) | null = null;

  constructor(poller: PortablePoller, options: PortableStreamOptions) {
    const { conn } = options;
    super({
      ...options,
      host: poller.host,
      pool: poller.pool,
      localAddress: streamAddress(conn.localAddr),
      remoteAddress: streamAddress(conn.remoteAddr),
    });
    this.#poller = poller;
    this.#conn = conn;
    poller.add(this);
  }

  respond(): void {
    this.#marked = false;
    if (this.#released) return;
    if (this.#arrived > 0) this.#handOver();
    if (!this.#writing) this.#write();
    if (this.#readWanted && !this.#reading) this.#poller.readLast(this);
  }

  read(): void {
    if (this.#released) return;
    this.#readWanted = false;
    this.#reading = true;
    if (this.#lastCount > 0) this.#buffer.adapt(this.#lastCount);
    this.#lastCount = 0;
    this.#conn.read(this.#buffer.bytes).then(this.#onRead, this.#onReadFailed);
  }

  async flush(): Promise<void> {
    while (!this.#released && (this.#writing || this.queue.length > 0)) {
      if (!this.#writing) this.#write();
      const timer = setTimeout(() => this.drop(), this.lingerMs);
      await new Promise<void>((resolve) => this.#progress = resolve);
      clearTimeout(timer);
    }
  }

  protected wantRead(): void {
    this.#readWanted = true;
    this.#mark();
  }

  protected wantWrite(): void {
    this.#mark();
  }

  protected release(): void {
    this.#released = true;
    this.#conn.close();
    this.#poller.remove(this);
    this.#settleFlush();
  }

  #mark(): void {
    if (this.#marked || this.#released) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #handOver(): void {
    const chunk = this.#buffer.bytes.subarray(0, this.#arrived);
    this.#lastCount = this.#arrived;
    this.#arrived = 0;
    this.received(chunk);
  }

  #write(): void {
    const piece = this.queue.peek();
    if (piece !== null) {
      this.#writing = true;
      this.#conn.write(piece).then(this.#onWritten, this.#onWriteFailed);
    } else if (this.endRequested) {
      this.#writing = true;
      this.#conn.closeWrite().then(this.#onShut, this.#onWriteFailed);
    }
  }

  #onRead = (count: number | null): void => {
    this.#reading = false;
    if (this.#released) return;
    if (count === null) return this.peerEnded();
    this.#arrived = count;
    this.#mark();
  };

  #onReadFailed = (error: unknown): void => {
    if (!this.#released) this.broken(failure("read from stream", error), "read");
  };

  #onWritten = (count: number): void => {
    this.#writing = false;
    if (this.#released) return;
    this.sent(count);
    this.#settleFlush();
    if (this.queue.length > 0 || this.endRequested) this.#mark();
  };

  #onShut = (): void => {
    this.#writing = false;
    this.ownEnded();
  };

  #onWriteFailed = (error: unknown): void => {
    if (!this.#released) this.broken(failure("write to stream", error), "write");
    this.#settleFlush();
  };

  #settleFlush(): void {
    this.#progress?.();
    this.#progress = null;
  }
}

function failure(attempt: string, cause: unknown): StreamError {
  return streamFailure(attempt, errnoOf(cause), {
    cause,
    otherwise: cause instanceof Deno.errors.UnexpectedEof
      ? { code: "reset", reason: "the peer has closed the connection without ending TLS" }
      : cause instanceof Deno.errors.InvalidData
      ? { code: "tls", reason: "what came is no TLS" }
      : undefined,
  });
}
