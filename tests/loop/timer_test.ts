import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { ScriptedPoller } from "./scripted_poller.ts";

interface Scene {
  loop: EventLoop;
  poller: ScriptedPoller;
  fired: string[];
  note: (name: string) => () => void;
}

function makeScene(): Scene {
  const poller = new ScriptedPoller();
  const fired: string[] = [];
  const note = (name: string) => (): void => void fired.push(name);
  return { loop: new EventLoop({ poller }), poller, fired, note };
}

Deno.test("EventLoop.callLater() fires in order of deadline, then of arming", async () => {
  const { loop, fired, note } = makeScene();
  loop.callLater(30, note("c"));
  loop.callLater(10, note("a1"));
  loop.callLater(20, note("b"));
  for (const name of ["a2", "a3", "a4", "a5", "a6"]) loop.callAt(10, note(name));
  await loop.run();
  assertEquals(fired.join(" "), "a1 a2 a3 a4 a5 a6 b c");
});

Deno.test("EventLoop.callAt() fires what is past at once, but not before what is due", async () => {
  const { loop, poller, fired, note } = makeScene();
  poller.nowMs = 100;
  loop.callLater(0, note("due"));
  loop.callAt(-1000, note("past"));
  await loop.run();
  assertEquals([fired, poller.nowMs], [["due", "past"], 100]);
});

Deno.test("EventLoop.callAt() in the past, again and again, doesn't hold up other timers", async () => {
  const { loop, fired } = makeScene();
  let left = 100;
  const again = (): void => void (--left > 0 && loop.callAt(0, again));
  loop.callAt(0, again);
  loop.callLater(0, () => void fired.push(String(left)));
  await loop.run();
  assertEquals(fired, ["99"]);
});

Deno.test("EventLoop.callLater() armed while firing waits for the next iteration", async () => {
  const { loop, poller, fired } = makeScene();
  loop.callLater(5, () => {
    fired.push("first");
    loop.callLater(0, () => void fired.push("second"));
  });
  poller.ready = [() => void fired.push("respond")];
  await loop.run();
  assertEquals(fired, ["respond", "first", "second"]);
  const polls = poller.log.filter((line) => line.startsWith("poll"));
  assertEquals(polls, ["poll 5", "poll 5", "poll 0", "poll 0"]);
});

Deno.test("EventLoop.callLater() refuses what is no duration", () => {
  const { loop } = makeScene();
  for (const delayMs of [-1, NaN]) {
    assertThrows(() => loop.callLater(delayMs, () => {}), RangeError, `received ${delayMs}`);
  }
  assertThrows(() => loop.callAt(NaN, () => {}), RangeError, "no number");
  for (const periodMs of [0, -1, NaN]) {
    assertThrows(() => loop.every(periodMs, () => {}), RangeError, `received ${periodMs}`);
  }
});

Deno.test("EventLoop.callLater() never fires what is due at Infinity, nor waits for it", async () => {
  const { loop, fired, note } = makeScene();
  const handle = loop.callLater(Infinity, note("never"));
  loop.callLater(1, note("once"));
  await loop.run();
  assertEquals(fired, ["once"]);
  handle.cancel();
});

Deno.test("Handle.cancel() keeps a timer from firing, in the same phase too", async () => {
  const { loop, fired, note } = makeScene();
  const before = loop.callLater(10, note("cancelled before"));
  before.cancel();
  before.cancel();
  loop.callLater(10, () => {
    fired.push("first");
    during.cancel();
    soon.cancel();
    first.cancel();
  });
  const during = loop.callLater(10, note("cancelled during"));
  const soon = loop.callLater(11, note("cancelled soon"));
  const first = loop.callLater(10, () => {});
  loop.callLater(10, note("last"));
  await loop.run();
  assertEquals(fired, ["first", "last"]);
  assert(!during.active && !before.active);
});

Deno.test("Handle.cancel() keeps a queued callback from being called, in the same phase too", async () => {
  const { loop, fired, note } = makeScene();
  loop.callSoon(() => handle.cancel());
  const handle = loop.callSoon(note("cancelled"));
  loop.callSoon(note("last"))[Symbol.dispose]();
  loop.callSoon(note("kept"));
  await loop.run();
  assertEquals(fired, ["kept"]);
});

Deno.test("Handle.active tells whether a callback may still be called", async () => {
  const { loop } = makeScene();
  const soon = loop.callSoon(() => {});
  const later = loop.callLater(1, () => {});
  const every = loop.every(1, () => every.cancel());
  assert(soon.active && later.active && every.active);
  await loop.run();
  assert(!soon.active && !later.active && !every.active);
});

Deno.test("EventLoop.every() fires each period until it is cancelled", async () => {
  const { loop, poller, fired } = makeScene();
  const every = loop.every(10, () => {
    fired.push(String(poller.nowMs));
    if (fired.length === 4) every.cancel();
  });
  await loop.run();
  assertEquals(fired, ["10", "20", "30", "40"]);
});

Deno.test("EventLoop.every() leaves out the periods it missed, and keeps its phase", async () => {
  const { loop, poller, fired } = makeScene();
  const every = loop.every(10, () => {
    fired.push(String(loop.now()));
    if (fired.length === 1) poller.nowMs += 35;
    if (fired.length === 4) every.cancel();
  });
  await loop.run();
  assertEquals(fired, ["10", "45", "50", "60"]);
});

Deno.test("EventLoop.sleep() waits on the loop's clock", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await loop.sleep(1500);
  assertEquals(loop.now(), 1500);
  await assertRejects(() => loop.sleep(-1), RangeError);
});

Deno.test("EventLoop.sleep() ends when its signal is aborted", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const abort = new AbortController();
  const { signal } = abort;
  loop.callLater(100, () => abort.abort(new RangeError("Enough")));
  await loop.sleep(50, { signal });
  await assertRejects(() => loop.sleep(1000, { signal }), RangeError, "Enough");
  assertEquals(loop.now(), 100);
  await assertRejects(() => loop.sleep(1000, { signal }), RangeError, "Enough");
  await network.settled();
  assertEquals(network.now, 100);
});

Deno.test("EventLoop arms, cancels and fires a million timers", async () => {
  const { loop } = makeScene();
  const total = 1_000_000;
  let fired = 0;
  let late = 0;
  let last = 0;
  const fire = (): void => {
    fired++;
    if (loop.now() < last) late++;
    last = loop.now();
  };
  const handles = Array.from({ length: total }, (_, i) => loop.callAt((i * 7919) % 10_007, fire));
  let cancelled = 0;
  for (let i = 0; i < total; i += 3) {
    handles[i].cancel();
    cancelled++;
  }
  await loop.run();
  assertEquals([fired, late], [total - cancelled, 0]);
  assertEquals(loop.stats().timers, total - cancelled);
});
