import type { StreamError, StreamHandlers, StreamSocket } from "../../../loop/mod.ts";

/** The owner of a stream, who writes down what it tells. */
export class StreamPeer implements StreamHandlers {
  /** The stream. */
  stream!: StreamSocket;
  /** All bytes that came. */
  bytes: number[] = [];
  /** In how many chunks they came. */
  chunks = 0;
  /** How often it was told to write on. */
  drains = 0;
  /** Whether the other side has ended. */
  ended = false;
  /** Whether the stream is gone. */
  closed = false;
  /** Why it is gone. */
  error: StreamError | null = null;

  onData(chunk: Uint8Array): void {
    for (const byte of chunk) this.bytes.push(byte);
    this.chunks++;
  }

  onEnd(): void {
    this.ended = true;
  }

  onDrain(): void {
    this.drains++;
  }

  onClose(_stream: StreamSocket, error: StreamError | null): void {
    this.closed = true;
    this.error = error;
  }

  /** What came, as text. */
  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.bytes));
  }

  /** Writes a text. */
  write(text: string): boolean {
    return this.stream.write(new TextEncoder().encode(text));
  }
}

/** Bytes that differ from their neighbours, so that a wrong order shows. */
export function patternOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}
