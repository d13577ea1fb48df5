import { assertEquals, assertRejects } from "@std/assert";
import { KvJobInbox, StoreError } from "../../../queue/mod.ts";
import { bytesOf, textOf, textsOf } from "../conformance/world.ts";
import { KvWorld } from "./kv_world.ts";

const ALL = { tubes: ["default"], max: 10_000, timeoutMs: 0 };

Deno.test("KvJobInbox.post() leaves jobs for the owner, be it there or not", async () => {
  const world = new KvWorld();
  const producer = world.program();
  await using inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await inbox.post([
    { body: bytesOf("a"), tube: "t", priority: 9, maxAttempts: 2, key: "k" },
    { body: bytesOf("b"), tube: "t", delayMs: 50_000 },
    { body: bytesOf("gone"), tube: "t", ttlMs: 1000 },
  ]);
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => inbox.post([{ body: bytesOf(String(i)) }])),
  );
  await using owner = await world.open();
  await owner.poller.advance(100);
  const { store } = owner;
  assertEquals(textsOf(await owner.takeAll()), Array.from({ length: 100 }, (_, i) => String(i)));
  const jobs = await store.reserve({ ...ALL, tubes: ["t"] });
  assertEquals(textsOf(jobs), ["a"]);
  assertEquals([jobs[0].priority, jobs[0].maxAttempts, jobs[0].key], [9, 2, "k"]);
  assertEquals((await store.peekNext("t", "delayed"))?.timeLeftMs, 50_000 - world.clock.nowMs);
  assertEquals(store.stats().totals.expired, 1);
  await inbox.post([{ body: new Uint8Array(400_000).fill(3), tube: "large" }]);
  await owner.poller.advance(400);
  const [large] = await store.reserve({ ...ALL, tubes: ["large"] });
  assertEquals(large.body, new Uint8Array(400_000).fill(3));
  assertEquals(world.disk.range((key) => key[1] === "inbox"), []);
});

Deno.test("KvJobInbox.post() delays no longer when the clock is set back on the way", async () => {
  const world = new KvWorld();
  const producer = world.program();
  await using inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await inbox.post([{ body: bytesOf("a"), delayMs: 5000 }, { body: bytesOf("b"), ttlMs: 5000 }]);
  world.clock.wallShiftMs = -3_600_000;
  await using owner = await world.open();
  await owner.poller.advance(100);
  assertEquals((await owner.store.peekNext("default", "delayed"))?.timeLeftMs, 4900);
  await owner.poller.advance(5000);
  assertEquals(textsOf(await owner.takeAll()), ["a"]);
});

Deno.test("KvJobInbox.post() keeps jobs until there is room for them", async () => {
  const world = new KvWorld();
  const producer = world.program();
  await using inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await using owner = await world.open({ maxJobs: 2 });
  for (const text of ["a", "b", "c"]) await inbox.post([{ body: bytesOf(text) }]);
  await owner.poller.advance(1000);
  assertEquals(owner.store.stats().ready, 2);
  const texts: string[] = [];
  for (let i = 0; i < 3; i++) {
    const [job] = await owner.store.reserve({ tubes: ["default"] });
    texts.push(textOf(job));
    await owner.store.complete(job);
    await owner.poller.advance(1000);
  }
  assertEquals(texts, ["a", "b", "c"]);
});

Deno.test("KvJobInbox.post() tries again, and rejects in the end", async () => {
  const world = new KvWorld();
  const failures: ("unwritten" | "written")[] = ["unwritten", "written"];
  const producer = world.program({ failWrite: () => failures.shift() ?? "no" });
  const inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await inbox.post([{ body: bytesOf("once") }]);
  world.disk.full = true;
  const error = await assertRejects(() => inbox.post([{ body: bytesOf("never") }]), StoreError);
  assertEquals(error.code, "failed");
  world.disk.full = false;
  await assertRejects(() => inbox.post([{ body: bytesOf("x"), priority: -1 }]), RangeError);
  await inbox[Symbol.asyncDispose]();
  await assertRejects(() => inbox.post([]), StoreError, "Cannot post jobs as the inbox is closed");
  await using owner = await world.open();
  await owner.poller.advance(1000);
  assertEquals(textsOf(await owner.takeAll()), ["once"]);
});
