import { assertEquals } from "@std/assert";
import vectors from "../vectors/modstamp.json" with { type: "json" };
import { fromHex, query, toHex } from "./wire.ts";

/** From where each peer of the recording sends. */
export const ADDRESSES = {
  alice: "127.0.0.1",
  bob: "127.0.0.1",
  carol: "127.0.0.1",
  mallory: "127.0.0.2",
} as const;

/** A peer of the recording. */
export type PeerName = keyof typeof ADDRESSES;

/** The peers of the recording. */
export const PEER_NAMES = Object.keys(ADDRESSES) as PeerName[];

/** Who plays a peer. */
export interface VectorPeer {
  /** Sends a packet to the server. */
  send(packet: Uint8Array<ArrayBuffer>): Promise<void> | void;
  /** What has come since the last call, in order. */
  collect(): Promise<string[]>;
}

/** Options of {@linkcode playBack}. */
export interface PlayBackOptions {
  /**
   * Called when a packet was sent, before what came is looked at.
   *
   * @default {nothing}
   */
  settle?: () => Promise<void>;
}

/** Sends what the recording says, and expects the replies that it holds. */
export async function playBack(
  peers: Record<PeerName, VectorPeer>,
  { settle = () => Promise.resolve() }: PlayBackOptions = {},
): Promise<void> {
  for (const { note, from, hex, replies } of vectors.steps) {
    await peers[from as PeerName].send(fromHex(hex));
    await settle();
    for (const name of PEER_NAMES) {
      const expected = replies.filter(({ to }) => to === name).map((reply) => reply.hex);
      assertEquals(await peers[name].collect(), expected, `${note}: to ${name}`);
    }
  }
}

const SENTINEL = query("sentinel");
const SENTINEL_REPLY = "0052020873656e74696e656c00";
/** In the second round trip at the latest, all that earlier packets caused comes first. */
const SENTINEL_ROUNDS = 3;

/** Plays a peer with a socket. */
export class UdpPeer implements VectorPeer, Disposable {
  readonly #conn: Deno.DatagramConn;
  readonly #server: Deno.NetAddr;
  #received: string[] = [];

  constructor(hostname: string, { port }: { port: number }) {
    this.#conn = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#server = { transport: "udp", hostname: "127.0.0.1", port };
  }

  async send(packet: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#conn.send(packet, this.#server);
  }

  /** Waits until the server has answered everything that was sent. */
  async answered(): Promise<void> {
    for (let rounds = 0; rounds < SENTINEL_ROUNDS; rounds++) {
      await this.send(SENTINEL);
      await this.until(SENTINEL_REPLY);
    }
  }

  /** Waits for a packet, which is not collected; what comes before it is. */
  async until(packet: string): Promise<void> {
    for (;;) {
      const [bytes] = await this.#conn.receive();
      const hex = toHex(bytes);
      if (hex === packet) return;
      this.#received.push(hex);
    }
  }

  async collect(): Promise<string[]> {
    await this.answered();
    const received = this.#received;
    this.#received = [];
    return received;
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
