import { assertEquals, assertThrows } from "@std/assert";
import { MemorySessionStore } from "../../../../websocket/mod.ts";
import { testStore } from "./conformance.ts";

testStore("MemorySessionStore", (clock) => Promise.resolve(new MemorySessionStore({ clock })));

Deno.test("MemorySessionStore.write() drops what was unused for longest when it is full", async () => {
  await using store = new MemorySessionStore({ maxSessions: 2 });
  const write = { bytes: new Uint8Array(), version: null, ttlMs: 60_000 };
  await store.write("a", write);
  await store.write("b", write);
  await store.touch("a", 60_000);
  await store.write("c", write);
  assertEquals(await store.read("b"), null);
  assertEquals([(await store.read("a")) !== null, store.size], [true, 2]);
  assertThrows(() => new MemorySessionStore({ maxSessions: 0 }), RangeError);
});
