import { assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork, type SocketAddress } from "../../loop/mod.ts";
import { ModstampServer } from "../../modstamp/mod.ts";
import vectors from "../vectors/modstamp.json" with { type: "json" };
import { SimulatedPeer } from "./simulated_peer.ts";
import { fromHex, query, toHex } from "./wire.ts";

/** From where each peer of the recording sends. */
const ADDRESSES = {
  alice: "127.0.0.1",
  bob: "127.0.0.1",
  carol: "127.0.0.1",
  mallory: "127.0.0.2",
} as const;
type Name = keyof typeof ADDRESSES;
const NAMES = Object.keys(ADDRESSES) as Name[];
const SENTINEL = query("sentinel");
const SENTINEL_REPLY = "0052020873656e74696e656c00";
/** In the second round trip at the latest, all that earlier packets caused comes first. */
const SENTINEL_ROUNDS = 3;

interface VectorPeer {
  send(packet: Uint8Array): Promise<void> | void;
  /** What has come since the last call. */
  collect(): Promise<string[]>;
}

async function playBack(peers: Record<Name, VectorPeer>): Promise<void> {
  for (const { note, from, hex, replies } of vectors.steps) {
    await peers[from as Name].send(fromHex(hex));
    for (const name of NAMES) {
      const expected = replies.filter(({ to }) => to === name).map((reply) => reply.hex);
      assertEquals(await peers[name].collect(), expected, `${note}: to ${name}`);
    }
  }
}

class UdpPeer implements VectorPeer, Disposable {
  readonly #conn: Deno.DatagramConn;
  readonly #server: Deno.NetAddr;

  constructor(hostname: string, { port }: SocketAddress) {
    this.#conn = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#server = { transport: "udp", hostname: "127.0.0.1", port };
  }

  async send(packet: Uint8Array): Promise<void> {
    await this.#conn.send(packet, this.#server);
  }

  async collect(): Promise<string[]> {
    const received: string[] = [];
    for (let rounds = 0; rounds < SENTINEL_ROUNDS; rounds++) {
      await this.send(SENTINEL);
      for (;;) {
        const [bytes] = await this.#conn.receive();
        const hex = toHex(bytes);
        if (hex === SENTINEL_REPLY) break;
        received.push(hex);
      }
    }
    return received;
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

for (const poller of ["portable", "epoll"] as const) {
  for (const hostname of ["127.0.0.1", "::"]) {
    Deno.test({
      name:
        `ModstampServer on ${hostname} (${poller}) answers as the reference does, byte for byte`,
      ignore: poller === "epoll" && Deno.build.os !== "linux",
      fn: async () => {
        await using loop = new EventLoop({ poller });
        await using server = await ModstampServer.listen({ loop, hostname, port: 0 });
        using alice = new UdpPeer(ADDRESSES.alice, server.address);
        using bob = new UdpPeer(ADDRESSES.bob, server.address);
        using carol = new UdpPeer(ADDRESSES.carol, server.address);
        using mallory = new UdpPeer(ADDRESSES.mallory, server.address);
        await playBack({ alice, bob, carol, mallory });
      },
    });
  }
}

Deno.test("ModstampServer answers as the reference does in a simulated network", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  const server = await ModstampServer.listen({ loop, hostname: "127.0.0.1", port: 0 });
  const start = async (name: Name): Promise<VectorPeer> => {
    const peer = await SimulatedPeer.start(host, {
      server: server.address,
      hostname: ADDRESSES[name],
    });
    return {
      send: (packet) => peer.send(packet),
      collect: async () => {
        await network.advance(100);
        return peer.take().map(toHex);
      },
    };
  };
  await playBack({
    alice: await start("alice"),
    bob: await start("bob"),
    carol: await start("carol"),
    mallory: await start("mallory"),
  });
});
