import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { ScriptedPoller } from "./scripted_poller.ts";

interface Scene {
  loop: EventLoop;
  poller: ScriptedPoller;
  log: string[];
  errors: unknown[];
}

function makeScene(): Scene {
  const log: string[] = [];
  const errors: unknown[] = [];
  const poller = new ScriptedPoller(log);
  const loop = new EventLoop({ poller, onError: (error) => void errors.push(error) });
  return { loop, poller, log, errors };
}

Deno.test("EventLoop runs callbacks, timers, poll and I/O response in this order", async () => {
  const { loop, poller, log } = makeScene();
  poller.ready.push(() => log.push("move bytes"));
  loop.callLater(0, () => void log.push("timer"));
  loop.callSoon(() => {
    log.push("callback");
    loop.callSoon(() => void log.push("callback of the next iteration"));
    loop.callLater(0, () => void log.push("timer armed in a callback"));
  });
  await loop.run();
  assertEquals(log, [
    "callback",
    "timer",
    "timer armed in a callback",
    "poll 0",
    "respond",
    "move bytes",
    "responded",
    "callback of the next iteration",
    "poll 0",
    "respond",
    "responded",
  ]);
});

Deno.test("EventLoop polls until the next timer, for ever, or not at all", async () => {
  const { loop, poller, log } = makeScene();
  const polls = (): string[] => log.splice(0).filter((line) => line.startsWith("poll"));
  loop.callLater(250, () => {});
  await loop.run();
  assertEquals(polls(), ["poll 250", "poll 0"]);
  loop.callLater(250, () => {});
  loop.callSoon(() => void loop.callSoon(() => {}));
  await loop.run();
  assertEquals(polls(), ["poll 0", "poll 250", "poll 0"]);
  poller.active = 1;
  loop.callSoon(() => {});
  await Promise.resolve();
  assertEquals(polls(), ["poll Infinity"]);
  poller.active = 0;
  poller.wake();
  await loop.run();
});

Deno.test("EventLoop hands what I/O brings to callbacks of the next iteration", async () => {
  const { loop, poller, log } = makeScene();
  poller.active = 1;
  poller.ready.push(() => {
    log.push("move bytes");
    poller.host.callSoon(() => {
      log.push("parse");
      poller.active = 0;
    });
  });
  loop.callLater(0, () => void log.push("timer"));
  await loop.run();
  const moved = log.indexOf("move bytes");
  assertEquals(log.slice(moved, moved + 4), ["move bytes", "responded", "parse", "poll 0"]);
});

Deno.test("EventLoop runs I/O handlers of sockets in the callback phase", async () => {
  const log: string[] = [];
  using network = new SimulatedNetwork({ seed: 1 });
  const poller = network.host("10.0.0.1").poller();
  const respond = poller.respond.bind(poller);
  poller.respond = () => {
    log.push("respond");
    respond();
    log.push("responded");
  };
  const loop = new EventLoop({ poller });
  const read = (name: string) => (): void => void log.push(name);
  const socket = await loop.bindDatagram({ port: 7, onBatch: read("batch") });
  await loop.listenStream({
    port: 7,
    onConnection: (stream) => {
      log.push("connection");
      stream.write(new Uint8Array(1));
      stream.end();
      return { onData: read("data"), onEnd: read("end"), onClose: read("close") };
    },
  });
  socket.send(socket.peers.internAddress("127.0.0.1", 7), new Uint8Array(1));
  const stream = await loop.connectStream({
    port: 7,
    handlers: { onData: read("data"), onEnd: read("end"), onClose: read("close") },
  });
  stream.write(new Uint8Array(1));
  stream.end();
  await network.settled();
  const counts = new Map<string, number>();
  let responding = false;
  for (const line of log) {
    if (line.startsWith("respond")) responding = line === "respond";
    else assert(!responding, `${line} must not be called in the I/O phase`);
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  counts.delete("respond");
  counts.delete("responded");
  assertEquals(Object.fromEntries(counts), { batch: 1, connection: 1, data: 2, end: 2, close: 2 });
});

Deno.test("EventLoop.callSoon() calls in order, and what a callback queues an iteration later", async () => {
  const { loop, log } = makeScene();
  for (const name of ["a", "b", "c"]) {
    loop.callSoon(() => {
      log.push(name);
      loop.callSoon(() => void log.push(`${name} again`));
    });
  }
  await loop.run();
  assertEquals(log.filter((line) => line.length !== 0 && !/^(poll|respond)/.test(line)), [
    "a",
    "b",
    "c",
    "a again",
    "b again",
    "c again",
  ]);
  assertEquals(log.indexOf("poll 0"), 3);
});

Deno.test("EventLoop goes on when a callback fails", async () => {
  const { loop, log, errors } = makeScene();
  const fail = (message: string) => (): never => {
    throw new RangeError(message);
  };
  loop.callSoon(fail("callback"));
  loop.callSoon(() => Promise.reject(new RangeError("promise")));
  loop.callSoon(() => void log.push("still called"));
  loop.callLater(1, fail("timer"));
  loop.callLater(1, () => void log.push("still fired"));
  let left = 2;
  const every = loop.every(10, () => {
    if (--left === 0) every.cancel();
    throw new RangeError("every");
  });
  await loop.run();
  assertEquals(errors.map((error) => (error as RangeError).message).sort(), [
    "callback",
    "every",
    "every",
    "promise",
    "timer",
  ]);
  assertEquals(log.filter((line) => line.startsWith("still")), ["still called", "still fired"]);
  assertEquals(loop.stats().errors, 5);
});

Deno.test("EventLoop reports what onError throws, and goes on", async () => {
  const poller = new ScriptedPoller();
  const loop = new EventLoop({
    poller,
    onError: () => {
      throw new RangeError("onError itself");
    },
  });
  const reported: unknown[] = [];
  const listener = (event: ErrorEvent): void => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  globalThis.addEventListener("error", listener);
  let called = false;
  loop.callSoon(() => {
    throw new RangeError("callback");
  });
  loop.callSoon(() => void (called = true));
  await loop.run();
  globalThis.removeEventListener("error", listener);
  assertEquals([reported, called], [["onError itself"], true]);
});

Deno.test("EventLoop.now() is the time of the iteration, however long it was idle before", async () => {
  const { loop, poller } = makeScene();
  const times: number[] = [];
  loop.callSoon(() => {});
  await loop.run();
  poller.nowMs = 5000;
  assertEquals(loop.now(), 5000);
  loop.callSoon(() => void times.push(loop.now()));
  loop.callLater(100, () => void times.push(loop.now()));
  await loop.run();
  assertEquals(times, [5000, 5100]);
  loop.callLater(10, () => {
    poller.nowMs += 500;
    times.push(loop.now());
  });
  await loop.run();
  assertEquals(times[2], 5110);
  assertEquals(loop.wallNow(), 1_005_610);
});

Deno.test("EventLoop.stop() drains callbacks, disarms timers and flushes", async () => {
  const { loop, log, poller } = makeScene();
  poller.active = 1;
  loop.callSoon(() => void loop.callSoon(() => void log.push("drained")));
  loop.callLater(0, () => void log.push("timer"));
  loop.every(1, () => void log.push("every"));
  await loop.stop();
  assertEquals(log.filter((line) => !/^(poll|respond)/.test(line)), ["drained", "flush"]);
  assertThrows(() => loop.callSoon(() => {}), TypeError, "was stopped");
  assertThrows(() => loop.callLater(1, () => {}), TypeError, "was stopped");
  assertThrows(() => loop.bindDatagram({ onBatch() {} }), TypeError, "was stopped");
  await loop.stop();
});

Deno.test("EventLoop.stop() ends a loop whose callbacks queue callbacks for ever", async () => {
  const { loop } = makeScene();
  let count = 0;
  const again = (): void => {
    count++;
    loop.callSoon(again);
  };
  loop.callSoon(again);
  await loop.stop();
  assertEquals(count, 1000);
});

Deno.test("EventLoop.stop() can be called by a callback, and ends a loop that waits", async () => {
  const { loop, poller, log } = makeScene();
  poller.active = 1;
  loop.callSoon(async () => {
    await loop.stop();
    log.push("stopped");
  });
  await loop.run();
  await Promise.resolve();
  const waiting = makeScene();
  waiting.poller.active = 1;
  waiting.poller.host.start();
  await Promise.resolve();
  await waiting.loop.stop();
  assertEquals([log.at(-1), waiting.log.at(0)], ["stopped", "poll Infinity"]);
});

Deno.test("EventLoop[Symbol.asyncDispose]() closes its sockets", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  const datagram = await loop.bindDatagram({ port: 7, onBatch() {} });
  await loop.listenStream({ port: 7, onConnection: () => ({ onData() {} }) });
  const stream = await loop.connectStream({ port: 7, handlers: { onData() {} } });
  await loop[Symbol.asyncDispose]();
  assertEquals([datagram.closed, stream.closed], [true, true]);
  const next = new EventLoop({ poller: host.poller() });
  await next.bindDatagram({ port: 7, onBatch() {} });
  await next.listenStream({ port: 7, onConnection: () => ({ onData() {} }) });
  await loop[Symbol.asyncDispose]();
});

Deno.test("EventLoop.default() is shared until it is stopped", async () => {
  const loop = EventLoop.default();
  assertStrictEquals(EventLoop.default(), loop);
  await loop[Symbol.asyncDispose]();
  const next = EventLoop.default();
  assert(next !== loop);
  await next[Symbol.asyncDispose]();
});

Deno.test("EventLoop.stats() counts iterations, callbacks, timers, errors and lag", async () => {
  const { loop, poller } = makeScene();
  loop.callSoon(() => void (poller.nowMs += 30));
  loop.callLater(10, () => {
    throw new RangeError("No");
  });
  loop.callLater(50, () => {});
  await loop.run();
  const { iterations, callbacks, timers, errors, lagMs, phaseMs } = loop.stats();
  assertEquals([iterations, callbacks, timers, errors], [2, 1, 2, 1]);
  assertEquals(lagMs, { mean: 10, max: 20 });
  assertEquals(phaseMs, { callbacks: 16 * 30, timers: 0, poll: 16 * 20, respond: 0 });
});

Deno.test("EventLoop.resolve() takes an IP address for itself", async () => {
  const { loop } = makeScene();
  assertEquals(await loop.resolve("fe80::1%2"), ["fe80::1%2"]);
  await assertRejects(() => loop.resolve("example"), TypeError, "this is a test");
});

Deno.test("EventLoop.sleep() is refused once the loop stops", async () => {
  const loop = new EventLoop({ poller: "portable" });
  let sleeping: Promise<void> | undefined;
  loop.callSoon(() => {
    sleeping = assertRejects(() => loop.sleep(1), TypeError, "stopped").then(() => undefined);
  });
  await loop.stop();
  await sleeping!;
  await assertRejects(() => loop.sleep(1), TypeError, "stopped");
});
