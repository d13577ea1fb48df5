import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { ModstampServer } from "../../modstamp/mod.ts";
import { ADDRESSES, type PeerName, playBack, UdpPeer, type VectorPeer } from "./recording.ts";
import { SimulatedPeer } from "./simulated_peer.ts";
import { toHex } from "./wire.ts";

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
  const start = async (name: PeerName): Promise<VectorPeer> => {
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
