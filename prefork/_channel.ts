import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { concat, encodeFrame, type FrameHandler, type FrameKind, FrameReader } from "./_frame.ts";

/** Queued bytes beyond which frames are refused, as the other end does not read. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** Options of {@linkcode Channel}. */
export interface ChannelOptions {
  /** Called with each frame. */
  onFrame: FrameHandler;
  /** Called once when the other end is gone or speaks nonsense. */
  onClose: (fault: string | null) => void;
}

/** Frames over the pipe between a supervisor and a worker; those of one turn leave together. */
export class Channel {
  readonly #socket: Socket;
  readonly #options: ChannelOptions;
  readonly #reader = new FrameReader();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writes = 0;
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(socket: Socket, options: ChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk) => this.#read(chunk as Buffer<ArrayBuffer>));
    // A broken pipe means what an ended one does.
    socket.on("error", () => this.#end(null));
    socket.on("close", () => this.#end(null));
    socket.on("end", () => this.#end(null));
  }

  /** Bytes that the other end has still to take. */
  get queuedBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength;
  }

  /**
   * Queues a frame.
   *
   * @returns Whether it was taken: not when the channel is closed or its queue is full.
   */
  send(kind: FrameKind, payload: Uint8Array): boolean {
    if (this.#closed || this.queuedBytes > MAX_QUEUED_BYTES) return false;
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
    const frame = encodeFrame(kind, payload);
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    return true;
  }

  /** Resolves once the system has taken all that was sent, or the other end is gone. */
  async drained(): Promise<void> {
    this.#flush();
    if (this.#writes === 0 || this.#closed) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the process end although the channel is open. */
  unref(): void {
    this.#socket.unref();
  }

  /** Keeps the process running while the channel is open. */
  ref(): void {
    this.#socket.ref();
  }

  /** Closes the channel; `onClose` is not called for it. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#wake();
  }

  #read(chunk: Buffer<ArrayBuffer>): void {
    if (this.#closed) return;
    // A Buffer's slice() would be no copy.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    const fault = this.#reader.push(bytes, this.#options.onFrame);
    if (fault !== null) this.#end(fault);
  }

  #flush(): void {
    if (this.#pending.length === 0 || this.#closed) return;
    const bytes = this.#pending.length === 1 ? this.#pending[0] : concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#writes++;
    this.#socket.write(bytes, () => {
      if (--this.#writes === 0) this.#wake();
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #end(fault: string | null): void {
    if (this.#closed) return;
    this.close();
    this.#options.onClose(fault);
  }
}
