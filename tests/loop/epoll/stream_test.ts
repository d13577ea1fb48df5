import { assert, assertEquals } from "@std/assert";
import { Errno } from "../../../loop/epoll/errno.ts";
import { bytesOf, connectPair, passTime } from "../conformance/stream_pair.ts";
import { FaultyWorld } from "./faulty_world.ts";

const TAKE_SEVEN = (values: unknown[]): void => void (values[2] = 7n);

Deno.test("EpollStream.write() goes on where the system has stopped taking", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world);
  world.libc.fail("send", TAKE_SEVEN, Errno.EAGAIN, Errno.EINTR, TAKE_SEVEN, Errno.EAGAIN);
  const text = "a text that takes several calls to send";
  server.stream.write(bytesOf(text));
  await client.told.until(() => client.told.received === text.length);
  assertEquals(client.told.text, text);
  assertEquals(server.stream.queuedBytes, 0);
});

Deno.test("EpollStream.write() sends many pieces in one call", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world, { client: { onData: () => {} } });
  const before = world.libc.count("sendmsg");
  for (let i = 0; i < 20; i++) server.stream.write(new Uint8Array(10_000).fill(i));
  assertEquals(server.stream.queuedBytes, 200_000);
  await client.told.until(() => client.told.received === 200_000);
  assert(world.libc.count("sendmsg") > before);
  assert(world.libc.count("send") + world.libc.count("sendmsg") < 20);
});

Deno.test("EpollStream ends with a reset that writing finds", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world);
  world.libc.fail("send", Errno.ECONNRESET);
  server.stream.write(bytesOf("x"));
  client.stream.write(bytesOf("last words"));
  client.stream.end();
  assertEquals((await server.told.closed())?.code, "reset");
  assertEquals(server.told.text, "last words");
});

Deno.test("EpollStream ends with a reset that reading finds", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world);
  world.libc.fail("readv", Errno.EINTR, Errno.EAGAIN, Errno.ECONNRESET);
  client.stream.write(bytesOf("x"));
  const error = await server.told.closed();
  assertEquals(error?.message, "Cannot read from stream as the peer has reset the connection");
});

Deno.test("EpollStream that is paused costs nothing when its peer has reset it", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.terminate();
  await passTime(world, 5);
  const { iterations } = world.server.stats();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert(world.server.stats().iterations - iterations <= 3);
  server.stream.resume();
  assertEquals((await server.told.closed())?.code, "reset");
});

Deno.test("EpollStream tells the peer's end to one who resumes after the end", async () => {
  await using world = new FaultyWorld();
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.end();
  await passTime(world, 5);
  assertEquals(server.told.calls, []);
  server.stream.resume();
  assertEquals(await server.told.closed(), null);
});

Deno.test("EpollStream reads more than fits at once in several iterations", async () => {
  await using world = new FaultyWorld();
  const pairs = await Promise.all(
    Array.from({ length: 30 }, () => connectPair(world, { server: { onData: () => {} } })),
  );
  for (const { client } of pairs) client.stream.write(new Uint8Array(100_000));
  for (const { server } of pairs) {
    await server.told.until(() => server.told.received === 100_000);
  }
});
