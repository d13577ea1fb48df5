import { assert, assertEquals } from "@std/assert";
import { Errno } from "../../../loop/epoll/errno.ts";
import { bytesOf, connectPair, type StreamPair } from "../conformance/stream_pair.ts";
import { FaultyWorld } from "./faulty_world.ts";
import { needRing } from "./need_ring.ts";

const { ignore, suffix } = needRing();
const PAIRS = 20;

function connectPairs(world: FaultyWorld, onData?: () => void): Promise<StreamPair[]> {
  const options = onData === undefined ? {} : { server: { onData }, client: { onData } };
  return Promise.all(Array.from({ length: PAIRS }, () => connectPair(world, options)));
}

async function allReceived(pairs: readonly StreamPair[], bytes: number): Promise<void> {
  for (const { client } of pairs) {
    await client.told.until(() => client.told.received === bytes);
  }
}

Deno.test({
  name: `StreamBatch sends for many streams in one call${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world);
    const before = world.libc.count("io_uring_enter");
    for (const [i, { server }] of pairs.entries()) server.stream.write(bytesOf(`to number ${i}`));
    for (const [i, { client }] of pairs.entries()) {
      const text = `to number ${i}`;
      await client.told.until(() => client.told.received === text.length);
      assertEquals(client.told.text, text);
    }
    assertEquals(world.libc.count("send"), 0);
    assertEquals(world.libc.count("io_uring_enter") - before, 1);
  },
});

Deno.test({
  name: `StreamBatch sends short bytes that are lent to it, to many${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world);
    let expected = "";
    for (let round = 0; round < 50; round++) {
      const text = `round ${round};`;
      const short = bytesOf(text);
      for (const { server } of pairs) server.stream.write(short, { borrowed: true });
      expected += text;
      await allReceived(pairs, expected.length);
    }
    for (const { client } of pairs) assertEquals(client.told.text, expected);
    assertEquals(world.libc.count("send"), 0);
  },
});

Deno.test({
  name: `StreamBatch goes on where the system has stopped taking${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world, () => {});
    const bytes = new Uint8Array(8_000_000);
    for (const { server } of pairs) server.stream.write(bytes, { borrowed: true });
    await allReceived(pairs, bytes.length);
    for (const { server } of pairs) assertEquals(server.stream.queuedBytes, 0);
  },
});

Deno.test({
  name: `StreamBatch reads more than it has room for from many${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world);
    const text = "all of this has to arrive in its order ".repeat(1500);
    for (const { client } of pairs) client.stream.write(bytesOf(text));
    for (const { server } of pairs) {
      await server.told.until(() => server.told.received === text.length);
      assertEquals(server.told.text, text);
    }
  },
});

Deno.test({
  name: `StreamBatch breaks only the streams whose sending fails${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world);
    const [gone, ...others] = pairs;
    gone.server.stream.pause();
    gone.client.stream.terminate();
    await gone.client.told.closed();
    for (const { server } of pairs) server.stream.write(bytesOf("are you there?"));
    await allReceived(others, 14);
    assertEquals((await gone.server.told.closed())?.code, "reset");
    assert(others.every(({ server }) => !server.stream.closed));
  },
});

Deno.test({
  name: `StreamBatch gives a ring up that fails, and goes on stream by stream${suffix}`,
  ignore,
  async fn() {
    await using world = new FaultyWorld();
    const pairs = await connectPairs(world);
    world.libc.fail("io_uring_enter", Errno.ENOMEM);
    for (const { server } of pairs) server.stream.write(bytesOf("first"));
    await allReceived(pairs, 5);
    const before = world.libc.count("io_uring_enter");
    for (const { server } of pairs) server.stream.write(bytesOf("then"));
    await allReceived(pairs, 9);
    for (const { client } of pairs) assertEquals(client.told.text, "firstthen");
    assertEquals(world.libc.count("io_uring_enter"), before);
  },
});

Deno.test("StreamBatch sends and reads stream by stream where there is no ring", async () => {
  await using world = new FaultyWorld();
  world.libc.fail("io_uring_setup", Errno.ENOSYS);
  const pairs = await connectPairs(world);
  for (const { client, server } of pairs) {
    server.stream.write(bytesOf("from the server"));
    client.stream.write(bytesOf("from the client"));
  }
  await allReceived(pairs, 15);
  for (const { server } of pairs) await server.told.until(() => server.told.received === 15);
  assertEquals(world.libc.count("io_uring_enter"), 0);
  assert(world.libc.count("io_uring_setup") <= 1);
});
