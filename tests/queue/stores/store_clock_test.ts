import { assertEquals } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { StoreClock } from "../../../queue/stores/store_clock.ts";
import { ManualPoller } from "../manual_poller.ts";

Deno.test("StoreClock.now() follows the machine's clock forward, and never back", async () => {
  const poller = new ManualPoller();
  await using loop = new EventLoop({ poller });
  const clock = new StoreClock(loop);
  const start = clock.now();
  assertEquals(start, poller.clock.wallMs());
  poller.clock.nowMs += 1000;
  poller.clock.wallShiftMs = -3_600_000;
  assertEquals(clock.now(), start + 1000);
  poller.clock.wallShiftMs = 60_000;
  assertEquals(clock.now(), start + 61_000);
  poller.clock.wallShiftMs = 0;
  poller.clock.nowMs += 500;
  assertEquals(clock.now(), start + 61_500);
});

Deno.test("StoreClock.raise() goes on from a time that was shown before", async () => {
  const poller = new ManualPoller();
  await using loop = new EventLoop({ poller });
  const clock = new StoreClock(loop);
  const later = poller.clock.wallMs() + 5000;
  clock.raise(later);
  assertEquals(clock.now(), later);
  clock.raise(later - 4000);
  poller.clock.nowMs += 7;
  assertEquals(clock.now(), later + 7);
});
