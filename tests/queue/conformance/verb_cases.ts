import { assertEquals, assertRejects } from "@std/assert";
import type { JobOutcome } from "../../../queue/mod.ts";
import type { Case } from "./case.ts";
import { bytesOf, textOf, textsOf } from "./world.ts";

export const VERB_CASES: Case[] = [
  {
    name: "complete() ends a job for good",
    async run(world) {
      const id = await world.push("a");
      const job = await world.takeOne();
      assertEquals(await world.store.complete(job), true);
      assertEquals(await world.store.complete(job), false);
      assertEquals(await world.store.peek(id), null);
      assertEquals(world.store.tubes(), []);
      assertEquals(world.store.stats().totals.completed, 1);
    },
  },
  {
    name: "release() gives a job back at its old place",
    async run(world) {
      for (const text of ["a", "b", "c"]) await world.push(text);
      const [a, b] = await world.take("default", 2);
      await world.store.release(b);
      await world.store.release(a, { reason: "not now" });
      const again = await world.take("default", 9);
      assertEquals(textsOf(again), ["a", "b", "c"]);
      assertEquals([again[0].releases, again[0].attempts, again[0].reason], [1, 2, "not now"]);
    },
  },
  {
    name: "peek() tells what has happened to a job, the last eight times",
    async run(world) {
      const { store } = world;
      const id = await world.push("a", { maxAttempts: 2, ttrMs: 1000 });
      assertEquals((await store.peek(id))?.history, []);
      await store.release(await world.takeOne(), { reason: 'no "such" file: ü' });
      await world.takeOne();
      await world.advance(1001);
      await store.whenEmpty("default");
      const view = async () =>
        (await store.peek(id))!.history.map((
          { kind, attempts, reason },
        ) => [kind, attempts, reason]);
      assertEquals(await view(), [
        ["released", 1, 'no "such" file: ü'],
        ["timedOut", 2, undefined],
        ["buried", 2, "Given up after 2 attempts"],
      ]);
      await store.kickJob(id);
      const job = await world.takeOne();
      assertEquals(job.history.map(({ kind }) => kind), [
        "released",
        "timedOut",
        "buried",
        "kicked",
      ]);
      const [first, second] = job.history;
      assertEquals(second.at - first.at >= 1000, true);
      await store.bury(job, { reason: "x".repeat(200) });
      for (let i = 0; i < 5; i++) {
        await store.kickJob(id);
        await store.release(await world.takeOne(), { counted: false });
        await store.bury(await world.takeOne());
      }
      const last = await view();
      assertEquals(last.map(([kind]) => kind), [
        "released",
        "buried",
        "kicked",
        "released",
        "buried",
        "kicked",
        "released",
        "buried",
      ]);
    },
  },
  {
    name: "release() takes a new priority and a delay",
    async run(world) {
      const { store } = world;
      for (const text of ["a", "b", "c"]) await world.push(text);
      const [a, b] = await world.take("default", 2);
      await store.release(a, { priority: 2000 });
      await store.release(b, { priority: 1, delayMs: 500 });
      assertEquals((await store.peek(b.id))?.state, "delayed");
      assertEquals((await store.peek(b.id))?.delayMs, 500);
      assertEquals((await store.peek(b.id))?.timeLeftMs, 500);
      assertEquals(textsOf(await world.take("default", 9)), ["c", "a"]);
      await world.advance(500);
      assertEquals(textOf(await world.waitForOne()), "b");
      await assertRejects(() => store.release(a, { priority: -1 }), RangeError);
      await assertRejects(() => store.release(a, { delayMs: NaN }), RangeError);
    },
  },
  {
    name: "release() doesn't count an attempt when told so",
    async run(world) {
      await world.push("a", { maxAttempts: 1 });
      await world.store.release(await world.takeOne(), { counted: false });
      const job = await world.takeOne();
      assertEquals([job.attempts, job.releases], [1, 1]);
    },
  },
  {
    name: "release() buries a job whose attempts are used up",
    async run(world) {
      const { store } = world;
      await world.push("a", { maxAttempts: 2 });
      await store.release(await world.takeOne(), { reason: "first" });
      await store.release(await world.takeOne(), { reason: "second", delayMs: 1000 });
      const { buried, delayed } = store.stats();
      assertEquals([buried, delayed], [1, 0]);
      assertEquals((await store.peekNext("default", "buried"))?.reason, "second");
    },
  },
  {
    name: "bury() keeps a job aside until it is kicked",
    async run(world) {
      const { store } = world;
      for (const text of ["a", "b", "c"]) await world.push(text);
      const [a, b] = await world.take("default", 2);
      assertEquals(await store.bury(b, { priority: 3, reason: "no good" }), true);
      assertEquals(await store.bury(a), true);
      assertEquals(textsOf(await world.take("default", 9)), ["c"]);
      const first = await store.peekNext("default", "buried");
      assertEquals([textOf(first), first?.priority, first?.reason, first?.buries], [
        "b",
        3,
        "no good",
        1,
      ]);
      assertEquals(await store.kick("default", 1), 1);
      const kicked = await world.takeOne();
      assertEquals([textOf(kicked), kicked.kicks, kicked.priority], ["b", 1, 3]);
      assertEquals(await store.kick("default", 9), 1);
      assertEquals(await store.kick("default", 9), 0);
      const { buried, ready } = store.stats();
      assertEquals([buried, ready], [0, 1]);
    },
  },
  {
    name: "kick() takes delayed jobs when none is buried, the soonest first",
    async run(world) {
      const { store } = world;
      await world.push("later", { delayMs: 90_000 });
      await world.push("soon", { delayMs: 1000 });
      await world.push("sooner", { delayMs: 500 });
      await world.push("bad");
      await store.bury(await world.takeOne());
      assertEquals(await store.kick("default", 10), 1);
      assertEquals(textOf(await world.takeOne()), "bad");
      assertEquals(await store.kick("default", 2), 2);
      assertEquals(textsOf(await world.take("default", 9)), ["soon", "sooner"]);
      assertEquals(store.stats().delayed, 1);
      assertEquals(await store.kick("nowhere", 5), 0);
    },
  },
  {
    name: "kick() takes many",
    async run(world) {
      const jobs = Array.from({ length: 1500 }, (_, i) => ({ body: bytesOf(String(i)) }));
      await world.store.pushMany(jobs);
      const taken = await world.take("default", 1500);
      await Promise.all(taken.map((job) => world.store.bury(job)));
      assertEquals(world.store.stats().buried, 1500);
      assertEquals(await world.store.kick("default", 1200), 1200);
      const again = await world.take("default", 2000);
      assertEquals(textsOf(again), Array.from({ length: 1200 }, (_, i) => String(i)));
    },
  },
  {
    name: "kickJob() takes one, be it buried or delayed",
    async run(world) {
      const { store } = world;
      const ready = await world.push("ready");
      const delayed = await world.push("delayed", { delayMs: 60_000 });
      const buried = await world.push("buried", { tube: "b" });
      await store.bury(await world.takeOne("b"));
      assertEquals(await store.kickJob(ready), false);
      assertEquals(await store.kickJob(delayed), true);
      assertEquals(await store.kickJob(buried), true);
      assertEquals(await store.kickJob(buried), false);
      assertEquals(await store.kickJob(4711), false);
      assertEquals(textsOf(await world.take(["default", "b"], 9)), ["ready", "delayed", "buried"]);
    },
  },
  {
    name: "delete() ends a job that is ready, delayed or buried, not a reserved one",
    async run(world) {
      const { store } = world;
      const ids = [await world.push("a"), await world.push("b", { delayMs: 1000 })];
      const buried = await world.push("c", { tube: "t" });
      await store.bury(await world.takeOne("t"));
      const job = await store.reserveJob(ids[0]);
      assertEquals(await store.delete(ids[0]), false);
      await store.release(job!);
      for (const id of [...ids, buried]) {
        assertEquals(await store.delete(id), true);
        assertEquals(await store.delete(id), false);
        assertEquals(await store.peek(id), null);
        assertEquals(await store.outcome(id), { state: "deleted" });
      }
      assertEquals(store.tubes(), []);
      assertEquals(store.stats().totals.deleted, 3);
      await world.advance(5000);
      assertEquals(await world.take(["default", "t"], 9), []);
    },
  },
  {
    name: "delete() in the middle leaves the rest in order",
    async run(world) {
      const { store } = world;
      const receipts = await store.pushMany(
        Array.from({ length: 100 }, (_, i) => ({ body: bytesOf(String(i)) })),
      );
      for (let i = 0; i < 100; i += 3) assertEquals(await store.delete(receipts[i].id), true);
      const expected = Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 3 !== 0).map(
        String,
      );
      assertEquals(textsOf(await world.take("default", 100)), expected);
    },
  },
  {
    name: "observe() tells of progress and of the outcome",
    async run(world) {
      const { store } = world;
      const seen: string[] = [];
      const id = await world.push("a", { keepResultMs: 60_000 });
      const observer = {
        progress: (value: Uint8Array) => void seen.push(new TextDecoder().decode(value)),
        settled: (outcome: JobOutcome) => void seen.push(outcome.state),
      };
      store.observe(id, observer);
      const gone = store.observe(id, { settled: () => void seen.push("wrong") });
      gone[Symbol.dispose]();
      assertEquals(await store.outcome(id), null);
      const job = await world.takeOne();
      await store.progress(job, bytesOf("half"));
      await store.complete(job, { result: bytesOf("42") });
      assertEquals(seen, ["half", "completed"]);
      assertEquals(await store.outcome(id), { state: "completed", result: bytesOf("42") });
      store.observe(id, observer);
      assertEquals(seen, ["half", "completed", "completed"]);
    },
  },
  {
    name: "observe() tells that a job was buried, and again how it went on",
    async run(world) {
      const { store } = world;
      const outcomes: JobOutcome[] = [];
      const id = await world.push("a");
      store.observe(id, { settled: (outcome) => void outcomes.push(outcome) });
      await store.bury(await world.takeOne(), { reason: "broken" });
      assertEquals(outcomes, [{ state: "buried", reason: "broken" }]);
      await store.kick("default", 1);
      assertEquals(await store.outcome(id), null);
      store.observe(id, { settled: (outcome) => void outcomes.push(outcome) });
      await store.complete(await world.takeOne());
      assertEquals(outcomes.at(-1), { state: "completed", result: undefined });
    },
  },
];
