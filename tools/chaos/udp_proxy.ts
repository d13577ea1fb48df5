import type { RandomSource } from "../../loop/mod.ts";

/** Clients that are told apart at most. */
const MAX_CLIENTS = 1000;

/** Parts of all datagrams, from 0 to 1, that meet with something. */
export interface UdpFaults {
  /** Lost. */
  loss: number;
  /** Delivered twice. */
  duplicate: number;
  /** Delivered late, so that others overtake them. */
  late: number;
  /** How late at most, in milliseconds. */
  latestMs: number;
}

const NO_FAULTS: UdpFaults = { loss: 0, duplicate: 0, late: 0, latestMs: 0 };

/** Stands between clients and a server, and is a bad network when it is told to. */
export class UdpProxy implements Disposable {
  /** What it does at present. */
  faults: UdpFaults = NO_FAULTS;
  /** Datagrams that it has dropped. */
  dropped = 0;
  readonly #front = listen();
  readonly #target: Deno.NetAddr;
  readonly #random: RandomSource;
  readonly #upstreams = new Map<number, Deno.DatagramConn>();
  #closed = false;

  /** Listens on a port of its own. */
  constructor(targetPort: number, random: RandomSource) {
    this.#target = { transport: "udp", hostname: "127.0.0.1", port: targetPort };
    this.#random = random;
    void this.#relay(
      this.#front,
      (bytes, { port }) => this.#upstream(port).send(bytes, this.#target),
    );
  }

  /** Where it listens. */
  get port(): number {
    return (this.#front.addr as Deno.NetAddr).port;
  }

  /** All is well again. */
  heal(): void {
    this.faults = NO_FAULTS;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const socket of [this.#front, ...this.#upstreams.values()]) socket.close();
  }

  /** The socket that stands for a client at the server. */
  #upstream(port: number): Deno.DatagramConn {
    const known = this.#upstreams.get(port);
    if (known !== undefined) return known;
    if (this.#upstreams.size >= MAX_CLIENTS) {
      const [[oldest, socket]] = this.#upstreams;
      this.#upstreams.delete(oldest);
      socket.close();
    }
    const socket = listen();
    this.#upstreams.set(port, socket);
    const client: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
    void this.#relay(socket, (bytes) => this.#front.send(bytes, client));
    return socket;
  }

  async #relay(
    from: Deno.DatagramConn,
    send: (bytes: Uint8Array, sender: Deno.NetAddr) => Promise<number>,
  ): Promise<void> {
    try {
      for await (const [bytes, sender] of from) {
        this.#maybeSend(() => send(bytes, sender as Deno.NetAddr));
      }
    } catch (error) {
      if (!this.#closed && !(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  #maybeSend(send: () => Promise<number>): void {
    const { loss, duplicate, late, latestMs } = this.faults;
    const copies = this.#random.next() < duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (this.#random.next() < loss) this.dropped++;
      else if (this.#random.next() < late) {
        setTimeout(() => this.#send(send), this.#random.next() * latestMs);
      } else this.#send(send);
    }
  }

  /** What can't be sent is lost, as on any network: nobody may listen just now. */
  #send(send: () => Promise<number>): void {
    if (this.#closed) return;
    send().catch(() => this.dropped++);
  }
}

function listen(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
}
