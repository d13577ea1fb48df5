import { assert, assertEquals, assertRejects } from "@std/assert";
import { LineServer } from "../../../queue/mod.ts";
import { lines, LineScene, numbers } from "./line_scene.ts";

Deno.test("LineServer ends the connection of a line that comes byte by byte", async () => {
  await using scene = await LineScene.start();
  const peer = await scene.connect();
  peer.write(lines(0, 1));
  for (let second = 0; second < 29; second++) {
    peer.write("x");
    await scene.network.advance(1000);
  }
  assert(!peer.ended);
  for (let second = 0; second < 17 && !peer.ended; second++) {
    peer.write("x");
    await scene.network.advance(1000);
  }
  await scene.network.until(() => peer.ended);
  assertEquals(peer.text.trimEnd().split("\n").map((text) => JSON.parse(text)), [
    { line: 2, error: "Cannot take line as it has not come whole in time" },
    { error: "Cannot take further lines as one has not come whole in time" },
  ]);
  const { jobs, badLines, timedOut } = scene.server.stats();
  assertEquals([jobs, badLines, timedOut], [1, 1, 1]);
  await scene.network.until(() => scene.server.stats().connections === 0);
});

Deno.test("LineServer ends the connection of a line without end, though it comes fast", async () => {
  await using scene = await LineScene.start({ maxLineBytes: 100 });
  const peer = await scene.connect();
  for (let second = 0; second < 46 && !peer.ended; second++) {
    peer.write("x".repeat(1000));
    await scene.network.advance(1000);
  }
  await scene.network.until(() => peer.ended);
  const { badLines, timedOut } = scene.server.stats();
  assertEquals([badLines, timedOut], [1, 1]);
});

Deno.test("LineServer lets a sender be slow whose lines come whole, and one that is silent", async () => {
  await using scene = await LineScene.start();
  const [slow, silent] = [await scene.connect(), await scene.connect()];
  for (let n = 0; n < 20; n++) {
    const [start, end] = [lines(n, n + 1).slice(0, 9), lines(n, n + 1).slice(9)];
    slow.write(n === 0 ? start : `${lines(n - 1, n).slice(9)}${start}`);
    await scene.network.advance(20_000);
    if (n === 19) slow.write(end);
  }
  await scene.network.advance(3_600_000);
  silent.write(lines(20, 21));
  assertEquals(await scene.data(21), numbers(21));
  assert(!slow.ended && !silent.ended);
  assertEquals(scene.server.stats().timedOut, 0);
});

Deno.test("LineServer blames no sender for time in which it doesn't read", async () => {
  await using scene = await LineScene.start({ maxJobs: 10, maxPendingBytes: 1000 });
  const peer = await scene.connect();
  peer.write(lines(0, 5000));
  await scene.network.advance(600_000);
  assertEquals(scene.server.stats().jobs, 10);
  assertEquals(await scene.data(5000), numbers(5000));
  assertEquals(scene.server.stats().timedOut, 0);
});

Deno.test("LineServer ends connections that are silent for idleTimeoutMs, after storing all", async () => {
  await using scene = await LineScene.start({ idleTimeoutMs: 60_000 });
  const [peer, busy] = [await scene.connect(), await scene.connect()];
  peer.write(lines(0, 1));
  for (let second = 0; second < 90; second += 10) {
    busy.write("\n");
    await scene.network.advance(10_000);
  }
  await scene.network.until(() => peer.ended);
  assert(!busy.ended);
  assertEquals(JSON.parse(peer.text), {
    error: "Cannot wait for further lines as none has come for too long",
  });
  assertEquals(await scene.data(1), [0]);
  assertEquals(scene.server.stats().timedOut, 1);
});

Deno.test("LineServer.listen() refuses a timeout that is none", async () => {
  await using scene = await LineScene.start();
  for (const lineTimeoutMs of [-1, NaN, Infinity]) {
    await assertRejects(
      () => LineServer.listen({ store: scene.store, loop: scene.loop, lineTimeoutMs }),
      RangeError,
    );
  }
});
