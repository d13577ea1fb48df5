import type {
  DatagramBatch,
  DatagramOptions,
  DatagramSocket,
  EventLoop,
} from "../../../loop/mod.ts";

/** A datagram that has arrived. */
export interface Received {
  /** Its bytes, as a text. */
  readonly text: string;
  /** How many bytes it has. */
  readonly length: number;
  /** Who sent it. */
  readonly peer: number;
}

/** A socket that writes down what it receives, and lets a test wait for it. */
export class DatagramRecorder {
  /** What has arrived. */
  readonly received: Received[] = [];
  /** How many datagrams were handed over at a time. */
  readonly batches: number[] = [];
  #socket!: DatagramSocket;
  #waiting: { count: number; resolve: () => void }[] = [];

  /** Binds a socket. */
  static async bind(
    loop: EventLoop,
    options: Partial<DatagramOptions> = {},
  ): Promise<DatagramRecorder> {
    const recorder = new DatagramRecorder();
    recorder.#socket = await loop.bindDatagram({
      onBatch: (batch) => recorder.#note(batch),
      ...options,
    });
    return recorder;
  }

  /** The socket. */
  get socket(): DatagramSocket {
    return this.#socket;
  }

  /** The texts of what has arrived. */
  get texts(): string[] {
    return this.received.map(({ text }) => text);
  }

  /** The number of the peer at an address. */
  peer(hostname: string, other: DatagramRecorder): number {
    return this.#socket.peers.internAddress(hostname, other.socket.localAddress.port);
  }

  /** Sends a text. */
  send(peer: number, text: string): boolean {
    return this.#socket.send(peer, new TextEncoder().encode(text));
  }

  /** Waits until so many datagrams have arrived. */
  async until(count: number): Promise<void> {
    if (this.received.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  #note(batch: DatagramBatch): void {
    this.batches.push(batch.count);
    for (let i = 0; i < batch.count; i++) {
      const bytes = batch.bytes.subarray(batch.start(i), batch.end(i));
      const text = new TextDecoder().decode(bytes);
      this.received.push({ text, length: bytes.length, peer: batch.peer(i) });
    }
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.received.length < count) return true;
      resolve();
      return false;
    });
  }
}
