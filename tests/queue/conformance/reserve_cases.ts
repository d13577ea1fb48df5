import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../../queue/mod.ts";
import type { Case } from "./case.ts";
import { textOf, textsOf } from "./world.ts";

export const RESERVE_CASES: Case[] = [
  {
    name: "reserve() gives out by priority, then in order",
    async run(world) {
      for (const [text, priority] of [["a", 5], ["b", 1], ["c", 5], ["d", 0], ["e", 1]] as const) {
        await world.push(text, { priority });
      }
      await world.push("f", { priority: 0xffff_ffff });
      await world.push("g");
      assertEquals(textsOf(await world.take("default", 99)), ["d", "b", "e", "a", "c", "g", "f"]);
    },
  },
  {
    name: "reserve() takes the most urgent job of all its tubes",
    async run(world) {
      await world.push("a1", { tube: "a", priority: 5 });
      await world.push("b1", { tube: "b", priority: 4 });
      await world.push("c1", { tube: "c", priority: 1 });
      await world.push("a2", { tube: "a", priority: 4 });
      await world.push("b2", { tube: "b", priority: 9 });
      assertEquals(textsOf(await world.take(["a", "b"], 9)), ["b1", "a2", "a1", "b2"]);
    },
  },
  {
    name: "reserve() gives nothing of a job away twice",
    async run(world) {
      for (let i = 0; i < 50; i++) await world.push(String(i));
      const taken = await Promise.all(Array.from({ length: 60 }, () => world.take()));
      const texts = taken.flat().map(textOf);
      assertEquals(texts.length, 50);
      assertEquals(new Set(texts).size, 50);
    },
  },
  {
    name: "reserve() waits for a job",
    async run(world) {
      const waiting = world.waitForOne();
      await world.advance(100_000);
      assertEquals(world.store.stats().waiting, 1);
      await world.push("late");
      assertEquals(textOf(await waiting), "late");
      assertEquals(world.store.stats().waiting, 0);
    },
  },
  {
    name: "reserve() serves those who wait in their order",
    async run(world) {
      const waiting = Array.from({ length: 5 }, () => world.waitForOne());
      await world.advance(1);
      for (let i = 0; i < 5; i++) await world.push(String(i));
      assertEquals((await Promise.all(waiting)).map(textOf), ["0", "1", "2", "3", "4"]);
    },
  },
  {
    name: "reserve() gives up after timeoutMs",
    async run(world) {
      const waiting = world.store.reserve({ tubes: ["default"], timeoutMs: 1000 });
      await world.advance(999);
      assertEquals(world.store.stats().waiting, 1);
      await world.advance(1);
      assertEquals(await waiting, []);
      assertEquals(world.store.stats().waiting, 0);
      await world.push("for another");
      assertEquals(textOf(await world.takeOne()), "for another");
    },
  },
  {
    name: "reserve() gives up when its signal is aborted",
    async run(world) {
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = world.store.reserve({ tubes: ["default"], signal });
      const refused = assertRejects(() => waiting, RangeError, "enough");
      controller.abort(new RangeError("enough"));
      await refused;
      await assertRejects(() => world.store.reserve({ tubes: ["default"], signal }), RangeError);
      assertEquals(world.store.stats().waiting, 0);
    },
  },
  {
    name: "reserve() counts the attempt and tells the lease",
    async run(world) {
      await world.push("a", { ttrMs: 5000 });
      const job = await world.takeOne();
      assertEquals([job.state, job.attempts, job.timeLeftMs], ["reserved", 1, 5000]);
      assertEquals(job.deadline, world.loop.now() + 5000);
      await world.advance(2000);
      assertEquals(job.timeLeftMs, 3000);
      assertEquals((await world.store.peek(job.id))?.timeLeftMs, 3000);
      const counts = world.store.stats();
      assertEquals([counts.ready, counts.reserved], [0, 1]);
    },
  },
  {
    name: "reserve() gives a job to another when its lease runs out",
    async run(world) {
      const { store } = world;
      await world.push("slow", { ttrMs: 1000 });
      const first = await world.takeOne();
      await world.advance(999);
      assertEquals(await world.take(), []);
      const waiting = world.waitForOne();
      await world.advance(1);
      const second = await waiting;
      assertEquals([second.id, second.attempts, second.timeouts], [first.id, 2, 1]);
      assertEquals(await store.complete(first), false);
      assertEquals(await store.release(first), false);
      assertEquals(await store.bury(first), false);
      assertEquals(await store.touch(first), false);
      assertEquals(await store.progress(first, new Uint8Array()), false);
      assertEquals(store.stats().staleLeases, 5);
      assertEquals(store.stats().totals.timeouts, 1);
      assert(await store.complete(second));
    },
  },
  {
    name: "reserve() buries a job whose attempts are used up",
    async run(world) {
      const { store } = world;
      const id = await world.push("poison", { ttrMs: 1000, maxAttempts: 2 });
      const outcomes: string[] = [];
      store.observe(id, { settled: ({ state }) => void outcomes.push(state) });
      await world.takeOne();
      await world.advance(1000);
      assertEquals((await world.waitForOne()).attempts, 2);
      await world.advance(1000);
      for (let tries = 0; tries < 10_000 && store.stats().buried === 0; tries++) {
        await world.advance(1);
      }
      assertEquals(await world.take(), []);
      const buried = await store.peekNext("default", "buried");
      assertEquals([buried?.id, buried?.reason], [id, "Given up after 2 attempts"]);
      assertEquals(outcomes, ["buried"]);
      assertEquals(await store.kick("default", 1), 1);
      assertEquals((await world.waitForOne()).attempts, 1);
    },
  },
  {
    name: "touch() starts the time of a lease anew",
    async run(world) {
      await world.push("long", { ttrMs: 1000 });
      const job = await world.takeOne();
      for (let i = 0; i < 5; i++) {
        await world.advance(900);
        assertEquals(await world.store.touch(job), true);
        assertEquals(job.timeLeftMs, 1000);
      }
      await world.advance(999);
      assertEquals(await world.store.complete(job), true);
    },
  },
  {
    name: "reserve() gives out one job a concurrency key at a time",
    async run(world) {
      const { store } = world;
      for (const [text, concurrencyKey] of [["a1", "a"], ["a2", "a"], ["b1", "b"], ["a3", "a"]]) {
        await world.push(text, { concurrencyKey });
      }
      await world.push("free");
      const first = await world.take("default", 9);
      assertEquals(textsOf(first), ["a1", "b1", "free"]);
      assertEquals(await world.take("default", 9), []);
      assertEquals(store.stats().ready, 2);
      await store.complete(first[0]);
      const second = await world.take("default", 9);
      assertEquals(textsOf(second), ["a2"]);
      await store.release(second[0], { delayMs: 1000 });
      const third = await world.take("default", 9);
      assertEquals(textsOf(third), ["a3"]);
      await world.advance(1000);
      assertEquals(await world.take("default", 9), []);
      await store.bury(third[0]);
      assertEquals(textsOf(await world.take("default", 9)), ["a2"]);
    },
  },
  {
    name: "delete() of a job that its concurrency key holds back frees no other",
    async run(world) {
      const { store } = world;
      const ids: number[] = [];
      for (const text of ["a1", "a2", "a3"]) {
        ids.push(await world.push(text, { concurrencyKey: "a" }));
      }
      const [first] = await world.take("default", 9);
      assertEquals(await store.delete(ids[1]), true);
      assertEquals(await world.take("default", 9), []);
      await store.complete(first);
      assertEquals(textsOf(await world.take("default", 9)), ["a3"]);
      assertEquals(store.stats().ready, 0);
    },
  },
  {
    name: "reserveJob() takes a job in whatever state but reserved",
    async run(world) {
      const { store } = world;
      const ready = await world.push("ready");
      const delayed = await world.push("delayed", { delayMs: 60_000 });
      const buried = await world.push("buried", { tube: "b" });
      await store.bury(await world.takeOne("b"));
      for (const id of [ready, delayed, buried]) {
        const job = await store.reserveJob(id);
        assertEquals([job?.id, job?.state], [id, "reserved"]);
        assertEquals(await store.reserveJob(id), null);
        assertEquals(await store.complete(job!), true);
        assertEquals(await store.reserveJob(id), null);
      }
      assertEquals(await store.reserveJob(12_345), null);
      const { reserved, ready: left, delayed: waiting, buried: dead } = store.stats();
      assertEquals([reserved, left, waiting, dead], [0, 0, 0, 0]);
    },
  },
  {
    name: "close() rejects those who wait, and whoever comes later",
    async run(world) {
      const { store } = world;
      await world.push("a");
      const job = await world.takeOne();
      const waiting = assertRejects(() => world.waitForOne(), StoreError);
      const empty = assertRejects(() => store.whenEmpty("default"), StoreError);
      await world.advance(1);
      store.close();
      const error = await waiting;
      assertEquals([error.code, error.message], ["closed", "Cannot use job store as it is closed"]);
      await empty;
      await assertRejects(() => world.push("b"), StoreError);
      await assertRejects(() => store.complete(job), StoreError);
      await assertRejects(() => world.take(), StoreError);
      store.close();
    },
  },
];
