import { assertEquals } from "@std/assert";
import { IdleTimer } from "../../loop/idle_timer.ts";
import { EventLoop } from "../../loop/mod.ts";
import { ScriptedPoller } from "./scripted_poller.ts";

interface Scene {
  loop: EventLoop;
  timer: IdleTimer;
  idleAt: number[];
}

function makeScene(timeoutMs: number): Scene {
  const poller = new ScriptedPoller();
  const loop = new EventLoop({ poller });
  const idleAt: number[] = [];
  const onIdle = (): void => void idleAt.push(loop.now());
  return { loop, timer: new IdleTimer({ host: poller.host, timeoutMs, onIdle }), idleAt };
}

Deno.test("IdleTimer calls when nothing happens", async () => {
  const { loop, idleAt } = makeScene(100);
  await loop.run();
  assertEquals(idleAt, [100]);
});

Deno.test("IdleTimer.touch() puts the call off", async () => {
  const { loop, timer, idleAt } = makeScene(100);
  for (const at of [10, 90, 150]) loop.callAt(at, () => timer.touch());
  await loop.run();
  assertEquals(idleAt, [250]);
});

Deno.test("IdleTimer.cancel() ends it, after a touch too", async () => {
  const { loop, timer, idleAt } = makeScene(100);
  loop.callAt(50, () => timer.touch());
  loop.callAt(120, () => timer.cancel());
  await loop.run();
  assertEquals([idleAt, loop.now()], [[], 120]);
});

Deno.test("IdleTimer on a loop that has stopped does nothing", async () => {
  const poller = new ScriptedPoller();
  const loop = new EventLoop({ poller });
  await loop.stop();
  const timer = new IdleTimer({ host: poller.host, timeoutMs: 1, onIdle: () => {} });
  timer.touch();
  timer.cancel();
  await loop.run();
});
