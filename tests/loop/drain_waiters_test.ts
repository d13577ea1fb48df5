import { assertEquals, assertRejects } from "@std/assert";
import { DrainWaiters } from "../../loop/drain_waiters.ts";
import { StreamError } from "../../loop/mod.ts";

Deno.test("DrainWaiters.resolve() lets all go on", async () => {
  const waiters = new DrainWaiters();
  const waiting = [waiters.wait(undefined), waiters.wait(new AbortController().signal)];
  assertEquals(waiters.size, 2);
  waiters.resolve();
  await Promise.all(waiting);
  assertEquals(waiters.size, 0);
});

Deno.test("DrainWaiters.reject() tells all that the stream is gone", async () => {
  const waiters = new DrainWaiters();
  const waiting = assertRejects(() => waiters.wait(undefined), StreamError, "Gone");
  waiters.reject(new StreamError("Gone", { code: "reset" }));
  await waiting;
});

Deno.test("DrainWaiters.wait() ends for one whose signal is aborted", async () => {
  const waiters = new DrainWaiters();
  const controller = new AbortController();
  const other = waiters.wait(undefined);
  const waiting = assertRejects(() => waiters.wait(controller.signal), RangeError, "Enough");
  controller.abort(new RangeError("Enough"));
  await waiting;
  await assertRejects(() => waiters.wait(controller.signal), RangeError, "Enough");
  assertEquals(waiters.size, 1);
  waiters.resolve();
  await other;
});
