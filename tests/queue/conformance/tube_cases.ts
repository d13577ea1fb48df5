import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Case } from "./case.ts";
import { bytesOf, textOf, textsOf } from "./world.ts";

export const TUBE_CASES: Case[] = [
  {
    name: "push() keeps a delayed job back until its time",
    async run(world) {
      const { store } = world;
      await world.push("late", { delayMs: 3000 });
      await world.push("early", { delayMs: 1000 });
      assertEquals(await world.take("default", 9), []);
      assertEquals(store.stats().delayed, 2);
      assertEquals(textOf(await store.peekNext("default", "delayed")), "early");
      await world.advance(999);
      assertEquals(await world.take("default", 9), []);
      const waiting = world.waitForOne();
      await world.advance(1);
      assertEquals(textOf(await waiting), "early");
      await world.advance(2000);
      assertEquals(textOf(await world.waitForOne()), "late");
    },
  },
  {
    name: "push() delays a job no longer when the machine's clock is set back",
    async run(world) {
      const { store } = world;
      await world.push("pushed", { delayMs: 5000 });
      await world.push("gone", { tube: "brief", ttlMs: 5000 });
      await store.pause("paused", 5000);
      await world.push("paused", { tube: "paused" });
      world.poller.clock.wallShiftMs = -3_600_000;
      await world.push("released", { tube: "other" });
      await store.release(await world.takeOne("other"), { delayMs: 5000 });
      await world.advance(5000);
      for (const tube of ["default", "other", "paused"]) {
        const [job] = await store.reserve({ tubes: [tube], timeoutMs: 1000 });
        assertEquals(textOf(job), { default: "pushed", other: "released", paused: "paused" }[tube]);
      }
      assertEquals(await world.take("brief"), []);
    },
  },
  {
    name: "push() keeps delayed jobs in order, whatever their delays",
    async run(world) {
      const delays = [70, 5, 3_600_000, 61_000, 300, 1001, 999, 300_000, 16_000, 0];
      const start = world.loop.now();
      for (const delayMs of delays) {
        await world.push(String(delayMs), { delayMs, ttrMs: 1e9 });
      }
      const seen: string[] = [];
      for (const delay of delays.toSorted((a, b) => a - b)) {
        const waiting = world.waitForOne();
        await world.advance(Math.max(0, delay - 1 - elapsed()));
        await world.advance(1);
        seen.push(textOf(await waiting));
        if (delay > 0) assertEquals(elapsed(), delay);
      }
      assertEquals(seen, delays.toSorted((a, b) => a - b).map(String));

      function elapsed(): number {
        return world.loop.now() - start;
      }
    },
  },
  {
    name: "push() makes a crowd of delayed jobs ready, none too soon",
    async run(world) {
      const jobs = Array.from({ length: 3000 }, (_, i) => ({
        body: bytesOf(String(i)),
        delayMs: 100 * (1 + (i * 7919) % 200),
      }));
      const start = world.loop.now();
      await world.store.pushMany(jobs);
      // A store that is short of memory may be late by two seconds.
      for (const at of [5000, 12_000, 22_000]) {
        await world.advance(at - (world.loop.now() - start));
        const [late, due] = [at - 2000, at].map((ms) => jobs.filter((each) => each.delayMs <= ms));
        for (let i = 0; i < 100 && world.store.stats().ready < late.length; i++) {
          await world.advance(0);
        }
        const { ready, delayed } = world.store.stats();
        assert(ready >= late.length && ready <= due.length, `${ready} are ready at ${at} ms`);
        assertEquals(ready + delayed, 3000);
      }
      const texts = new Set<string>();
      while (texts.size < 3000) {
        for (const job of await world.take("default", 500)) texts.add(textOf(job));
      }
    },
  },
  {
    name: "peekNext() looks at each state without changing it",
    async run(world) {
      const { store } = world;
      for (const state of ["ready", "delayed", "buried"] as const) {
        assertEquals(await store.peekNext("default", state), null);
      }
      await world.push("dead");
      await store.bury(await world.takeOne());
      await world.push("b", { priority: 2 });
      await world.push("a", { priority: 1 });
      await world.push("later", { delayMs: 9000 });
      for (let round = 0; round < 2; round++) {
        assertEquals(textOf(await store.peekNext("default", "ready")), "a");
        assertEquals(textOf(await store.peekNext("default", "delayed")), "later");
        assertEquals(textOf(await store.peekNext("default", "buried")), "dead");
      }
      assertEquals(await store.peekNext("other", "ready"), null);
    },
  },
  {
    name: "list() shows jobs page by page",
    async run(world) {
      const { store } = world;
      await store.pushMany(Array.from({ length: 25 }, (_, i) => ({
        body: bytesOf(`r${i}`),
        priority: 100 - i,
      })));
      await store.pushMany(
        Array.from({ length: 3 }, (_, i) => ({ body: bytesOf(`d${i}`), delayMs: 5000 })),
      );
      const reserved = await world.take("default", 5);
      await store.bury(reserved[0]);
      const pages: string[][] = [];
      for (let after = 0;;) {
        const page = await store.list("default", { state: "ready", limit: 8, after });
        if (page.length === 0) break;
        assert(page.every((job) => job.state === "ready"));
        pages.push(textsOf(page));
        after = page.at(-1)!.id;
      }
      assertEquals(pages.map((page) => page.length), [8, 8, 4]);
      assertEquals(pages.flat(), Array.from({ length: 20 }, (_, i) => `r${i}`));
      assertEquals(textsOf(await store.list("default", { state: "delayed" })), ["d0", "d1", "d2"]);
      assertEquals(textsOf(await store.list("default", { state: "reserved" })), [
        "r20",
        "r21",
        "r22",
        "r23",
      ]);
      assertEquals(textsOf(await store.list("default", { state: "buried" })), ["r24"]);
      assertEquals(await store.list("other", { state: "ready" }), []);
    },
  },
  {
    name: "pause() keeps the jobs of a tube back for a while",
    async run(world) {
      const { store } = world;
      await world.push("a");
      await world.push("b", { tube: "other" });
      await store.pause("default", 1000);
      assertEquals(textsOf(await world.take(["default", "other"], 9)), ["b"]);
      const stats = store.tubeStats("default");
      assertEquals([stats?.pauses, stats?.pauseMs, stats?.pauseLeftMs], [1, 1000, 1000]);
      const waiting = world.waitForOne();
      await world.advance(999);
      assertEquals(store.stats().waiting, 1);
      await world.advance(1);
      assertEquals(textOf(await waiting), "a");
      assertEquals(store.tubeStats("default")?.pauseMs, 0);
    },
  },
  {
    name: "pause() can be ended, and can last",
    async run(world) {
      const { store } = world;
      await store.pause("default", Infinity);
      await world.push("a");
      assertEquals(store.tubes(), ["default"]);
      await world.advance(3_600_000);
      assertEquals(await world.take(), []);
      const waiting = world.waitForOne();
      await store.pause("default", 0);
      const job = await waiting;
      await store.complete(job);
      assertEquals(store.tubes(), []);
    },
  },
  {
    name: "stats() counts jobs by state and what has happened",
    async run(world) {
      const { store } = world;
      await world.push("urgent", { priority: 1023 });
      await world.push("a");
      await world.push("b", { tube: "t" });
      await world.push("c", { tube: "t", delayMs: 1000 });
      const [urgent] = await world.take();
      await store.release(urgent);
      await store.bury(await world.takeOne("t"));
      assertEquals(store.tubes().toSorted(), ["default", "t"]);
      const { totals, ...counts } = store.stats();
      assertEquals(counts, {
        ready: 2,
        urgent: 1,
        delayed: 1,
        reserved: 0,
        buried: 1,
        tubes: 2,
        waiting: 0,
        pendingBytes: 0,
        staleLeases: 0,
      });
      assertEquals(totals, {
        pushed: 4,
        duplicates: 0,
        completed: 0,
        deleted: 0,
        expired: 0,
        reserves: 2,
        timeouts: 0,
        releases: 1,
        buries: 1,
        kicks: 0,
      });
      const tube = store.tubeStats("t");
      assertEquals([tube?.tube, tube?.ready, tube?.delayed, tube?.buried], ["t", 0, 1, 1]);
      assertEquals([tube?.totals.pushed, tube?.totals.buries], [2, 1]);
      assertEquals(store.tubeStats("none"), null);
    },
  },
  {
    name: "whenEmpty() waits for the last job that isn't buried",
    async run(world) {
      const { store } = world;
      await store.whenEmpty("default");
      await world.push("a");
      await world.push("b", { delayMs: 1000 });
      let empty = false;
      const waiting = store.whenEmpty("default").then(() => void (empty = true));
      await store.complete(await world.takeOne());
      await world.advance(1000);
      assertEquals(empty, false);
      await store.bury(await world.waitForOne());
      await waiting;
      await store.kick("default", 1);
      const controller = new AbortController();
      const given = store.whenEmpty("default", { signal: controller.signal });
      controller.abort(new RangeError("enough"));
      await assertRejects(() => given, RangeError, "enough");
    },
  },
  {
    name: "pushTick() takes each tick of a schedule once",
    async run(world) {
      const { store } = world;
      const job = { body: bytesOf("tick") };
      const taken = await Promise.all([1, 2, 3].map(() => store.pushTick("hourly", 1000, job)));
      assertEquals(taken.filter(Boolean).length, 1);
      assertEquals(await store.pushTick("hourly", 999, job), false);
      assertEquals(await store.pushTick("daily", 999, job), true);
      assertEquals(await store.pushTick("hourly", 2000, job), true);
      assertEquals(store.stats().ready, 3);
      await assertRejects(
        () => store.pushTick("hourly", 3000, { ...job, priority: -1 }),
        RangeError,
      );
      assertEquals(await store.pushTick("hourly", 3000, job), true);
    },
  },
];
