import { assert, assertEquals, assertRejects } from "@std/assert";
import { JobTooBigError, type NewJob, QueueFullError } from "../../../queue/mod.ts";
import type { Case } from "./case.ts";
import { bytesOf, textOf, textsOf } from "./world.ts";

export const PUSH_CASES: Case[] = [
  {
    name: "push() stores what it was given",
    async run(world) {
      const job = {
        tube: "images",
        priority: 7,
        ttrMs: 5000,
        maxAttempts: 3,
        key: "a key",
        concurrencyKey: "another",
      };
      const id = await world.push("žluť\n\0", job);
      const stored = await world.store.peek(id);
      assertEquals(stored, {
        ...job,
        id,
        state: "ready",
        body: bytesOf("žluť\n\0"),
        createdAt: world.loop.wallNow(),
        delayMs: 0,
        timeLeftMs: 0,
        attempts: 0,
        timeouts: 0,
        releases: 0,
        buries: 0,
        kicks: 0,
        reason: undefined,
        history: [],
      });
    },
  },
  {
    name: "push() gives ids that grow",
    async run(world) {
      const ids = [await world.push("a"), await world.push("b", { tube: "t" })];
      ids.push(...(await world.store.pushMany([{ body: bytesOf("c") }, { body: bytesOf("d") }]))
        .map(({ id }) => id));
      assertEquals(ids, ids.toSorted((a, b) => a - b));
      assertEquals(new Set(ids).size, 4);
    },
  },
  {
    name: "push() takes an empty body, and one of a megabyte",
    async run(world) {
      const large = new Uint8Array(1_000_000).map((_, i) => i % 251);
      await world.push("");
      await world.store.push({ body: large });
      const [empty, full] = await world.take("default", 2);
      assertEquals(empty.body.length, 0);
      assertEquals(full.body, large);
      assertEquals((await world.store.peek(full.id))?.body, large);
      await world.store.release(full);
      const again = await world.waitForOne();
      assertEquals(again.body, large);
      assert(await world.store.complete(again));
    },
  },
  {
    name: "push() refuses a body that is too big",
    limits: { maxJobBytes: 10 },
    async run(world) {
      await world.push("0123456789");
      const error = await assertRejects(() => world.push("0123456789a"), JobTooBigError);
      assertEquals([error.size, error.limit], [11, 10]);
      assertEquals(
        error.message,
        "Cannot push job as it is too big: 11 bytes exceed the limit of 10",
      );
      assertEquals(world.store.stats().ready, 1);
    },
  },
  {
    name: "push() refuses options that are out of range",
    async run(world) {
      const wrong: Partial<NewJob>[] = [
        { priority: -1 },
        { priority: 2 ** 32 },
        { priority: NaN },
        { delayMs: -1 },
        { ttrMs: Infinity },
        { maxAttempts: -1 },
        { ttlMs: -5 },
        { tube: "" },
        { tube: "t".repeat(201) },
        { key: "" },
        { concurrencyKey: "k".repeat(513) },
      ];
      for (const options of wrong) {
        await assertRejects(() => world.push("x", options), RangeError, "Cannot take ");
        const body = bytesOf("x");
        await assertRejects(
          () => world.store.pushMany([{ body }, { ...options, body }]),
          RangeError,
        );
      }
      assertEquals(world.store.stats().ready, 0);
    },
  },
  {
    name: "push() refuses more jobs than the store may hold, until there is room",
    limits: { maxJobs: 2 },
    async run(world) {
      const { store } = world;
      await world.push("a");
      await world.push("b", { delayMs: 1000 });
      const error = await assertRejects(() => world.push("c"), QueueFullError);
      assertEquals([error.limit, error.unit], [2, "jobs"]);
      assertEquals(error.message, "Cannot push job as the queue is full: the limit is 2 jobs");
      let room = false;
      const waiting = store.whenRoom().then(() => void (room = true));
      const job = await world.takeOne();
      await world.advance(10);
      assertEquals(room, false);
      await store.complete(job);
      await waiting;
      await world.push("c");
      assertEquals(store.stats().ready, 1);
    },
  },
  {
    name: "push() stores a job over the limit when it is told to",
    limits: { maxJobs: 1 },
    async run(world) {
      const { store } = world;
      const over = { overLimit: true };
      await world.push("a");
      await store.push({ body: bytesOf("b") }, over);
      await store.push({ body: bytesOf("c"), delayMs: 5 }, over);
      await assertRejects(() => world.push("d"), QueueFullError);
      await assertRejects(() => store.push({ body: bytesOf("d"), priority: -1 }, over), RangeError);
      assertEquals([store.stats().ready, store.stats().delayed], [2, 1]);
    },
  },
  {
    name: "pushMany() keeps the order, over several tubes",
    async run(world) {
      const jobs = Array.from({ length: 2000 }, (_, i) => ({
        body: bytesOf(`job ${i} ${"x".repeat(i % 200)}`),
        tube: i % 2 === 0 ? "even" : "odd",
      }));
      const receipts = await world.store.pushMany(jobs);
      assertEquals(receipts.length, 2000);
      const texts: string[] = [];
      while (texts.length < 2000) {
        const taken = await world.take(["even", "odd"], 300);
        texts.push(...textsOf(taken));
        assertEquals(
          await Promise.all(taken.map((job) => world.store.complete(job))),
          taken.map(() => true),
        );
      }
      assertEquals(texts, jobs.map(({ body }) => new TextDecoder().decode(body)));
    },
  },
  {
    name: "push() leaves out a job whose key is taken, in its tube",
    async run(world) {
      const { store } = world;
      const first = await store.push({ body: bytesOf("a"), key: "k" });
      assertEquals(first.duplicate, false);
      assertEquals(await store.push({ body: bytesOf("b"), key: "k" }), {
        id: first.id,
        duplicate: true,
      });
      const elsewhere = await store.push({ body: bytesOf("c"), key: "k", tube: "other" });
      assertEquals(elsewhere.duplicate, false);
      const both = await Promise.all(
        ["d", "e"].map((text) => store.push({ body: bytesOf(text), key: "new" })),
      );
      assertEquals(both.map(({ duplicate }) => duplicate), [false, true]);
      assertEquals(both[0].id, both[1].id);
      assertEquals(store.stats().totals.duplicates, 2);
      assertEquals(textsOf(await world.take("default", 9)), ["a", "d"]);
    },
  },
  {
    name: "push() takes a key again when its job is completed, deleted or buried",
    async run(world) {
      const { store } = world;
      const push = async (text: string): Promise<boolean> =>
        !(await store.push({ body: bytesOf(text), key: "k" })).duplicate;
      assert(await push("a"));
      const a = await world.takeOne();
      assert(!await push("x"));
      await store.release(a, { delayMs: 10 });
      assert(!await push("x"));
      await world.advance(10);
      await store.complete(await world.waitForOne());
      assert(await push("b"));
      const b = (await store.peekNext("default", "ready"))!;
      assertEquals(textOf(b), "b");
      await store.delete(b.id);
      assert(await push("c"));
      await store.bury(await world.takeOne());
      assert(await push("d"));
      await store.kick("default", 1);
      assertEquals(textsOf(await world.take("default", 9)), ["c", "d"]);
    },
  },
  {
    name: "push() drops a job that waited longer than its ttlMs",
    async run(world) {
      const { store } = world;
      const lost = await world.push("lost", { ttlMs: 1000 });
      await world.push("kept", { ttlMs: 3000 });
      const outcomes: string[] = [];
      store.observe(lost, { settled: ({ state }) => void outcomes.push(state) });
      await world.advance(1000);
      const kept = await world.takeOne();
      assertEquals(textOf(kept), "kept");
      assertEquals(outcomes, ["expired"]);
      await world.advance(5000);
      await store.release(kept);
      assertEquals(textOf(await world.waitForOne()), "kept");
      const { expired, pushed } = store.stats().totals;
      assertEquals([expired, pushed], [1, 2]);
      assertEquals(await store.outcome(lost), { state: "expired" });
    },
  },
];
