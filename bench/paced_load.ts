import type { DatagramBatch, DatagramSocket, EventLoop } from "../loop/mod.ts";
import { encodeMessages, type MessageKind } from "../modstamp/mod.ts";

/** How often a share of the load is sent. */
const PERIOD_MS = 5;
/** Ids that are only asked for. */
const QUIET_IDS = 1000;
/** Ids that change, and that every client has subscribed to. */
const HOT_IDS = 10;

/** Options of {@linkcode PacedLoad}. */
export interface PacedLoadOptions {
  /** The loop to run on. */
  loop: EventLoop;
  /** The server's port on 127.0.0.1. */
  port: number;
  /** Packets a second. */
  perSecond: number;
  /** Sockets, each a client of its own. */
  clients: number;
  /** How many packets there are to one that changes something. */
  packetsPerChange: number;
}

/** What a {@linkcode PacedLoad} has counted. */
export interface PacedLoadCounts {
  /** Packets sent: each has to be answered. */
  sent: number;
  /** Packets that the load's own sockets didn't take. */
  refused: number;
  /** Replies and confirmations received. */
  answered: number;
  /** Signals received. */
  signals: number;
}

/** Sends modstamp queries and changes at a steady rate and counts what comes back. */
export class PacedLoad implements AsyncDisposable {
  /** What was counted so far. */
  readonly counts: PacedLoadCounts = { sent: 0, refused: 0, answered: 0, signals: 0 };
  readonly #options: PacedLoadOptions;
  readonly #sockets: DatagramSocket[] = [];
  readonly #queries: Uint8Array[] = [];
  readonly #servers: number[] = [];
  #due = 0;
  #next = 0;
  #stopped = false;

  private constructor(options: PacedLoadOptions) {
    this.#options = options;
    for (let i = 0; i < QUIET_IDS; i++) this.#queries.push(packet("query", `quiet${i}`));
  }

  /** Opens the sockets, subscribes them and begins to send. */
  static async start(options: PacedLoadOptions): Promise<PacedLoad> {
    const load = new PacedLoad(options);
    for (let i = 0; i < options.clients; i++) {
      const socket = await options.loop.bindDatagram({
        hostname: "127.0.0.1",
        onBatch: (batch) => load.#receive(batch),
      });
      load.#sockets.push(socket);
      load.#servers.push(socket.peers.internAddress("127.0.0.1", options.port));
    }
    load.#subscribe();
    options.loop.every(60_000, () => load.#subscribe());
    let last = options.loop.now();
    options.loop.every(PERIOD_MS, () => {
      const now = options.loop.now();
      load.#send((now - last) / 1000);
      last = now;
    });
    return load;
  }

  /** The ports of its sockets. */
  get ports(): number[] {
    return this.#sockets.map((socket) => socket.localAddress.port);
  }

  /** Sends nothing more; what is under way still counts. */
  stop(): void {
    this.#stopped = true;
  }

  /** Closes the sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    for (const socket of this.#sockets) await socket[Symbol.asyncDispose]();
  }

  #subscribe(): void {
    for (let client = 0; client < this.#sockets.length; client++) {
      for (let id = 0; id < HOT_IDS; id++) this.#give(client, packet("query", `hot${id}`));
    }
  }

  #send(seconds: number): void {
    const { perSecond, packetsPerChange } = this.#options;
    // What a busy machine has made it miss for more than a tenth of a second is left out.
    this.#due += perSecond * Math.min(seconds, 0.1);
    for (; this.#due >= 1; this.#due--) {
      const index = this.#next++;
      const changes = index % packetsPerChange === 0;
      const id = `hot${(index / packetsPerChange) % HOT_IDS}`;
      const bytes = changes
        ? packet("change", id, `v${index}`)
        : this.#queries[index % this.#queries.length];
      this.#give(index % this.#sockets.length, bytes);
    }
  }

  #give(client: number, bytes: Uint8Array): void {
    if (this.#stopped) return;
    if (this.#sockets[client].send(this.#servers[client], bytes)) this.counts.sent++;
    else this.counts.refused++;
  }

  #receive(batch: DatagramBatch): void {
    for (let i = 0; i < batch.count; i++) {
      // The first byte is the length of the encryption info, which is empty in what is plain.
      let at = batch.start(i) + 1;
      while (at < batch.end(i)) {
        const letter = batch.bytes[at];
        if (letter === 0x53) this.counts.signals++;
        else this.counts.answered++;
        let left = batch.bytes[at + 1];
        for (at += 2; left > 0; left--) at += batch.bytes[at] + 1;
      }
    }
  }
}

function packet(kind: MessageKind, id: string, value = ""): Uint8Array {
  const [body] = encodeMessages([{ kind, id, value: new TextEncoder().encode(value) }]);
  return Uint8Array.from([0, ...body]);
}
