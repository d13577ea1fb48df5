import { assertEquals, assertThrows } from "@std/assert";
import { defineJobs, Scheduler, StoreError } from "../../queue/mod.ts";
import { WorkScene } from "./work_scene.ts";

const JOBS = defineJobs({ clean: () => undefined, report: (to: string) => to });
const MINUTE = 60_000;

Deno.test("Scheduler.every() pushes a job at each multiple of its period", async () => {
  await using scene = new WorkScene(JOBS);
  using scheduler = new Scheduler(scene.queue, { loop: scene.loop });
  await scene.advance(90_000);
  const schedule = scheduler.every("clean", MINUTE);
  assertEquals(schedule.nextAt, new Date(Date.UTC(2025, 0, 1, 0, 2)));
  await scene.advance(29_000);
  assertEquals(scene.queue.stats().totals.pushed, 0);
  await scene.advance(2000);
  assertEquals(scene.queue.stats().totals.pushed, 1);
  await scene.advance(10 * MINUTE);
  assertEquals(scene.queue.stats().totals.pushed, 11);
  schedule.cancel();
  await scene.advance(10 * MINUTE);
  assertEquals([scene.queue.stats().totals.pushed, schedule.nextAt], [11, null]);
});

Deno.test("Scheduler.cron() follows the clocks of its time zone", async () => {
  await using scene = new WorkScene(JOBS);
  using scheduler = new Scheduler(scene.queue, { loop: scene.loop });
  const daily = scheduler.cron("report", "0 9 * * 1-5", {
    timeZone: "Europe/Vienna",
    data: "boss",
  });
  assertEquals(daily.nextAt, new Date(Date.UTC(2025, 0, 1, 8)));
  await scene.advance(8 * 60 * MINUTE + 10);
  const job = await scene.queue.pop();
  assertEquals([job?.name, job?.data], ["report", "boss"]);
  assertEquals(daily.nextAt, new Date(Date.UTC(2025, 0, 2, 8)));
});

Deno.test("Scheduler pushes a tick once, though there are several on one store", async () => {
  await using scene = new WorkScene(JOBS);
  using one = new Scheduler(scene.queue, { loop: scene.loop });
  using two = new Scheduler(scene.queue, { loop: scene.loop });
  for (const scheduler of [one, two]) scheduler.every("clean", MINUTE);
  await scene.advance(5 * MINUTE + 10);
  assertEquals(scene.queue.stats().totals.pushed, 5);
});

Deno.test("Scheduler tries a tick again when the store has failed, until the next one", async () => {
  await using scene = new WorkScene(JOBS);
  const errors: unknown[] = [];
  const { store } = scene;
  const pushTick = store.pushTick.bind(store);
  let failures = 3;
  store.pushTick = (...tick) =>
    failures-- > 0
      ? Promise.reject(new StoreError("Cannot push tick as the disk is full", { code: "failed" }))
      : pushTick(...tick);
  using scheduler = new Scheduler(scene.queue, {
    loop: scene.loop,
    onError: (error) => void errors.push(error),
  });
  scheduler.every("clean", MINUTE);
  await scene.advance(MINUTE + 2500);
  assertEquals([scene.queue.stats().totals.pushed, errors.length], [0, 3]);
  await scene.advance(1000);
  assertEquals([scene.queue.stats().totals.pushed, errors.length], [1, 3]);
});

Deno.test("Scheduler.cron() and every() refuse times that are none", async () => {
  await using scene = new WorkScene(JOBS);
  using scheduler = new Scheduler(scene.queue, { loop: scene.loop });
  assertThrows(() => scheduler.every("clean", 0), RangeError);
  assertThrows(() => scheduler.cron("clean", "61 * * * *"), SyntaxError);
  assertThrows(() => scheduler.cron("clean", "* * * * *", { timeZone: "Mars/North" }), SyntaxError);
});
