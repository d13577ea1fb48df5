import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import {
  ClientSet,
  ModstampClient,
  ModstampServer,
  SecurityProfile,
  UnconfirmedError,
  UnreachableError,
} from "../../modstamp/mod.ts";

const PROFILE = SecurityProfile.from([{ encryption: "plain", permission: "rw" }]);
const ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];

/** Three servers, and a client of each in one set. */
async function start(addresses = ADDRESSES) {
  const network = new SimulatedNetwork({ seed: 1 });
  const servers = await Promise.all(ADDRESSES.map((address) =>
    ModstampServer.listen({
      loop: new EventLoop({ poller: network.host(address).poller() }),
      profile: PROFILE,
    })
  ));
  const loop = new EventLoop({ poller: network.host("10.1.0.1").poller() });
  const clients = addresses.map((hostname) => new ModstampClient({ hostname, loop }));
  return { network, servers, clients, set: new ClientSet(clients, { loop }) };
}

function textsOf(servers: ModstampServer[], id: string): string[] {
  return servers.map((server) => new TextDecoder().decode(server.value(id)));
}

Deno.test("ClientSet.send() stores the same on all servers", async () => {
  const { network, servers, set } = await start();
  using _network = network;
  await using _set = set;
  assertEquals(await set.send({ a: "1", b: "2" }), new Map([["a", "1"], ["b", "2"]]));
  assertEquals([textsOf(servers, "a"), textsOf(servers, "b")], [["1", "1", "1"], ["2", "2", "2"]]);
  const random = await set.send({ r: null });
  assertEquals(textsOf(servers, "r"), Array(3).fill(random.get("r")));
});

Deno.test("ClientSet.send() confirms only what all servers have confirmed", async () => {
  const { network, servers, set } = await start();
  using _network = network;
  await using _set = set;
  network.host(ADDRESSES[1]!).crash();
  const error = await assertRejects(() => set.send({ a: "1" }), UnconfirmedError);
  assertEquals(error.message, "Cannot confirm a as 10.0.0.2:1415 does not answer");
  assertEquals([error.confirmed, error.unconfirmed], [new Map(), ["a"]]);
  assertEquals(textsOf([servers[0]!, servers[2]!], "a"), ["1", "1"]);
});

Deno.test("ClientSet.send() counts on from the highest count of all servers", async () => {
  const { network, servers, clients, set } = await start();
  using _network = network;
  await using _set = set;
  const counted = async (): Promise<string | undefined> =>
    (await set.send({ n: null }, { strategy: "counter" })).get("n");
  assertEquals(await counted(), "1");
  for (const [i, value] of ["7", "41", "not a number"].entries()) {
    await clients[i]!.send({ n: value });
  }
  assertEquals(await counted(), "42");
  assertEquals(textsOf(servers, "n"), ["42", "42", "42"]);
});

Deno.test("ClientSet.send() fails when a server's host is not known", async () => {
  const { network, set } = await start(["10.0.0.1", "nowhere.test"]);
  using _network = network;
  await using _set = set;
  await assertRejects(() => set.send({ a: "1" }), UnreachableError, "nowhere.test:1415");
});

Deno.test("ClientSet.send() gives up with the reason of its signal", async () => {
  const { network, set } = await start();
  using _network = network;
  await using _set = set;
  const signal = AbortSignal.abort(new RangeError("Enough"));
  await assertRejects(() => set.send({ a: "1" }, { signal }), RangeError, "Enough");
});

Deno.test("ClientSet() needs a client", () => {
  assertThrows(
    () => new ClientSet([]),
    RangeError,
    "Cannot make client set as it needs at least one client",
  );
});
