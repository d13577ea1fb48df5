import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type NatOptions, SimulatedNetwork } from "../../../loop/mod.ts";
import { Station } from "./station.ts";

interface Scene extends Disposable {
  network: SimulatedNetwork;
  server: Station;
  client: Station;
  /** Has the client send, and tells which port the server sees. */
  portOf(text: string): Promise<number>;
  /** Has the server send to a port of the NAT, and tells what the client got. */
  answer(port: number): Promise<string[]>;
}

async function makeScene(options: NatOptions = {}): Promise<Scene> {
  const network = new SimulatedNetwork({ seed: 5 });
  const nat = network.nat("203.0.113.1", options);
  const server = await Station.start(network.host("198.51.100.1"), { port: 1415 });
  const client = await Station.start(nat.host("192.168.0.2"), { port: 4000 });
  return {
    network,
    server,
    client,
    async portOf(text) {
      client.send("198.51.100.1", 1415, text);
      await network.settled();
      const [address, port] = server.received.pop()!.from.split(" ");
      assertEquals(address, "203.0.113.1");
      return Number(port);
    },
    async answer(port) {
      server.send("203.0.113.1", port, "answer");
      await network.settled();
      return client.received.splice(0).map(({ text, from }) => `${text} from ${from}`);
    },
    [Symbol.dispose]: () => network.close(),
  };
}

Deno.test("SimulatedNat maps on sending, and lets answers in", async () => {
  using scene = await makeScene();
  const port = await scene.portOf("hello");
  assertNotEquals(port, 4000);
  assertEquals(await scene.answer(port), ["answer from 198.51.100.1 1415"]);
  assertEquals(await scene.portOf("again"), port);
  assertEquals(scene.network.stats().mapped, 1);
  assertEquals(scene.network.nat("203.0.113.1").mappings, 1);
});

Deno.test("SimulatedNat drops what is for a mapping that was idle for too long", async () => {
  using scene = await makeScene({ idleMs: 1000 });
  const port = await scene.portOf("hello");
  await scene.network.advance(990);
  assertEquals((await scene.answer(port)).length, 1);
  // Only what is sent from inside keeps a mapping alive.
  await scene.network.advance(20);
  assertEquals(await scene.answer(port), []);
  assertEquals(scene.network.stats().unmapped, 1);
  assertNotEquals(await scene.portOf("hello"), port);
});

Deno.test("SimulatedNat.rebind() moves mappings to other ports", async () => {
  using scene = await makeScene();
  const port = await scene.portOf("hello");
  const nat = scene.network.nat("203.0.113.1");
  nat.rebind("192.168.0.99");
  assertEquals(await scene.portOf("hello"), port);
  nat.rebind("192.168.0.2");
  assertEquals(await scene.answer(port), []);
  const moved = await scene.portOf("hello");
  assertNotEquals(moved, port);
  nat.rebind();
  assertEquals(await scene.answer(moved), []);
  assertEquals(scene.network.stats().rebound, 2);
});

Deno.test("SimulatedNat moves mappings at random", async () => {
  using scene = await makeScene({ rebind: 0.5 });
  const ports = new Set<number>();
  for (let i = 0; i < 50; i++) ports.add(await scene.portOf("hello"));
  const { rebound } = scene.network.stats();
  assert(rebound > 10 && rebound < 40);
  assertEquals(ports.size, rebound + 1);
});

Deno.test("SimulatedNat lets in only those it has sent to", async () => {
  using scene = await makeScene();
  const { network, client } = scene;
  const port = await scene.portOf("hello");
  const otherPort = await Station.start(network.host("198.51.100.1"), { port: 9 });
  const otherHost = await Station.start(network.host("198.51.100.2"));
  const knock = async (): Promise<string[]> => {
    otherPort.send("203.0.113.1", port, "port");
    otherHost.send("203.0.113.1", port, "host");
    await network.settled();
    return client.received.splice(0).map(({ text }) => text).sort();
  };
  assertEquals(await knock(), []);
  network.nat("203.0.113.1", { filtering: "address" });
  await scene.portOf("hello");
  assertEquals(await knock(), ["port"]);
  network.nat("203.0.113.1", { filtering: "none" });
  assertEquals(await knock(), ["host", "port"]);
});

Deno.test("SimulatedNat lets its hosts reach each other, and not those of others", async () => {
  using network = new SimulatedNetwork({ seed: 5 });
  const nat = network.nat("203.0.113.1");
  const near = await Station.start(nat.host("192.168.0.2"), { port: 7 });
  const neighbour = await Station.start(nat.host("192.168.0.3"), { port: 7 });
  const stranger = await Station.start(network.nat("203.0.113.2").host("192.168.0.4"));
  near.send("192.168.0.3", 7, "near");
  stranger.send("192.168.0.3", 7, "stranger");
  await network.settled();
  assertEquals(neighbour.received.map(({ from }) => from), ["192.168.0.2 7"]);
  assertEquals(network.stats().unreachable, 1);
});

Deno.test("SimulatedNat forgets its oldest mapping when it has too many", async () => {
  using network = new SimulatedNetwork({ seed: 5 });
  const nat = network.nat("203.0.113.1", { maxMappings: 3 });
  const server = await Station.start(network.host("198.51.100.1"), { port: 7 });
  for (let i = 0; i < 5; i++) {
    const client = await Station.start(nat.host("192.168.0.2"));
    client.send("198.51.100.1", 7, "hello");
  }
  await network.settled();
  assertEquals([server.received.length, nat.mappings], [5, 3]);
  assertThrows(() => nat.change({ maxMappings: 60_000 }), RangeError, "maxMappings");
});
