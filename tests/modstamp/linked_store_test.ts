import { assertEquals, assertRejects } from "@std/assert";
import { EventLoop } from "../../loop/mod.ts";
import {
  LinkedModstampStore,
  MemoryModstampStore,
  ModstampClient,
  ModstampServer,
  type ModstampStore,
  StoreError,
  StoreOwner,
} from "../../modstamp/mod.ts";

/** A store of its own for each of several servers, all owned by one owner. */
function link(owner: StoreOwner): LinkedModstampStore {
  let receive = (_bytes: Uint8Array): void => {};
  const link = owner.attach((bytes) => {
    const copy = bytes.slice();
    queueMicrotask(() => receive(copy));
    return true;
  });
  return new LinkedModstampStore({
    send: (bytes) => {
      const copy = bytes.slice();
      queueMicrotask(() => link.receive(copy));
      return true;
    },
    onMessage: (handler) => receive = handler,
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function valuesOf(store: ModstampStore): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  await store.load((id, value) => values[id] = new TextDecoder().decode(value));
  return values;
}

Deno.test("LinkedModstampStore.load() gives all values the owner has", async () => {
  const kept = new MemoryModstampStore();
  const expected: Record<string, string> = {};
  for (let i = 0; i < 1000; i++) expected[`id${i}`] = `value${i}`;
  await kept.commit(new Map(Object.entries(expected).map(([id, value]) => [id, bytes(value)])));
  assertEquals(await valuesOf(link(new StoreOwner(kept))), expected);
});

Deno.test("LinkedModstampStore.commit() is durable when it resolves and deletes empty values", async () => {
  const kept = new MemoryModstampStore();
  const store = link(new StoreOwner(kept));
  await store.commit(new Map([["a", bytes("1")], ["b", bytes("2")]]));
  await store.commit(new Map([["a", bytes("")]]));
  assertEquals(await valuesOf(kept), { b: "2" });
});

Deno.test("LinkedModstampStore.commit() fails with the owner's reason", async () => {
  const kept = new MemoryModstampStore();
  kept.commit = () =>
    Promise.reject(new StoreError("Cannot write as the disk is full", { store: "x" }));
  const store = link(new StoreOwner(kept));
  await assertRejects(
    () => store.commit(new Map([["a", bytes("1")]])),
    StoreError,
    "Cannot write as the disk is full",
  );
});

Deno.test("LinkedModstampStore.subscribe() tells all servers the same last value", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const owner = new StoreOwner(new MemoryModstampStore());
  const servers = await Promise.all(Array.from({ length: 3 }, async () => {
    const store = link(owner);
    const server = await ModstampServer.listen({ loop, store, hostname: "127.0.0.1", port: 0 });
    const client = new ModstampClient({ loop, hostname: "127.0.0.1", port: server.address.port });
    return { server, client };
  }));
  for (let round = 0; round < 50; round++) {
    await Promise.all(servers.map(({ client }, i) => client.send({ x: `${round}-${i}` })));
  }
  await loop.sleep(0);
  const seen = new Set(servers.map(({ server }) => new TextDecoder().decode(server.value("x"))));
  assertEquals(seen.size, 1);
  for (const { server, client } of servers) {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
});

Deno.test("A subscriber of one server hears what another server of the store confirms", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const owner = new StoreOwner(new MemoryModstampStore());
  const listen = (): Promise<ModstampServer> =>
    ModstampServer.listen({ loop, store: link(owner), hostname: "127.0.0.1", port: 0 });
  await using one = await listen();
  await using two = await listen();
  const clientOf = ({ address: { port } }: ModstampServer): ModstampClient =>
    new ModstampClient({ loop, hostname: "127.0.0.1", port });
  await using listener = clientOf(one);
  await using sender = clientOf(two);
  const changes = listener.listen({ x: "none" });
  assertEquals((await changes.next()).value.value, "");
  await sender.send({ x: "news" });
  assertEquals((await changes.next()).value.value, "news");
});
