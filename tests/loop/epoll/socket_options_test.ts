import { assert, assertEquals, assertRejects } from "@std/assert";
import { Descriptor, SocketOption, type SocketOptionKey } from "../../../loop/epoll/descriptor.ts";
import { Errno } from "../../../loop/epoll/errno.ts";
import { ListenError, StreamError } from "../../../loop/mod.ts";
import { connectPair, listenWith } from "../conformance/stream_pair.ts";
import { FaultyWorld } from "./faulty_world.ts";

const { KEEPALIVE, RCVBUF, REUSEPORT, SNDBUF, TCP_NODELAY } = SocketOption;

/** What the socket that a call has made last has for an option. */
function option(
  world: FaultyWorld,
  call: "socket" | "accept4",
  key: SocketOptionKey,
): number {
  return new Descriptor(world.libc, world.libc.last(call)).get(key);
}

for (const [noDelay, keepAlive] of [[undefined, undefined], [false, true]]) {
  const name = `noDelay ${noDelay ?? "left out"} and keepAlive ${keepAlive ?? "left out"}`;
  const expected = [noDelay === false ? 0 : 1, keepAlive ? 1 : 0];

  Deno.test(`ListenOptions with ${name} reach the accepted connection`, async () => {
    await using world = new FaultyWorld();
    await connectPair(world, { listen: { noDelay, keepAlive } });
    const found = [TCP_NODELAY, KEEPALIVE].map((key) => option(world, "accept4", key));
    assertEquals(found, expected);
  });

  Deno.test(`ConnectOptions with ${name} reach the connection`, async () => {
    await using world = new FaultyWorld();
    const listener = await listenWith(world, () => {});
    const { port } = listener.localAddress as { port: number };
    const handlers = { onData() {} };
    const options = { hostname: "127.0.0.1", port, handlers, noDelay, keepAlive };
    await world.server.connectStream(options);
    const found = [TCP_NODELAY, KEEPALIVE].map((key) => option(world, "socket", key));
    assertEquals(found, expected);
  });
}

Deno.test("DatagramOptions.kernelBufferBytes sets both buffers, and more with more", async () => {
  await using world = new FaultyWorld();
  const sizes: number[][] = [];
  for (const kernelBufferBytes of [8192, 65_536]) {
    await world.server.bindDatagram({ hostname: "127.0.0.1", kernelBufferBytes, onBatch() {} });
    sizes.push([RCVBUF, SNDBUF].map((key) => option(world, "socket", key)));
  }
  // The system doubles what it is told, for its own bookkeeping.
  assertEquals(sizes, [[16_384, 16_384], [131_072, 131_072]]);
});

Deno.test("DatagramOptions.kernelBufferBytes asks for what any process may have if it has to", async () => {
  await using world = new FaultyWorld();
  world.libc.fail("setsockopt", Errno.EPERM, 0, Errno.EPERM);
  await world.server.bindDatagram({
    hostname: "127.0.0.1",
    kernelBufferBytes: 65_536,
    onBatch() {},
  });
  assertEquals([RCVBUF, SNDBUF].map((key) => option(world, "socket", key)), [131_072, 131_072]);
});

Deno.test("ListenOptions.reusePort shares the port of a listener, and only then", async () => {
  await using world = new FaultyWorld();
  const first = await listenWith(world, () => {}, { reusePort: true });
  assertEquals(option(world, "socket", REUSEPORT), 1);
  const { port } = first.localAddress as { port: number };
  const second = await listenWith(world, () => {}, { reusePort: true, port });
  assertEquals(second.localAddress, first.localAddress);
  const refusal = await assertRejects(() => listenWith(world, () => {}, { port }), ListenError);
  assertEquals(refusal.code, "in-use");
});

Deno.test("EventLoop on epoll says what it can't open when descriptors are short", async () => {
  await using world = new FaultyWorld();
  const listener = await listenWith(world, () => {});
  const { port } = listener.localAddress as { port: number };
  const short = (): void => world.libc.fail("socket", Errno.EMFILE, Errno.EMFILE);

  short();
  const target = { hostname: "127.0.0.1", port, handlers: { onData() {} } };
  const connecting = await assertRejects(() => world.server.connectStream(target), StreamError);
  assertEquals(
    connecting.message,
    `Cannot connect to 127.0.0.1:${port} as the system says EMFILE`,
  );
  short();
  const listening = await assertRejects(() => listenWith(world, () => {}), ListenError);
  assertEquals(listening.message, "Cannot listen on 127.0.0.1:0 as the system says EMFILE");
  short();
  const path = world.unixPath();
  const onPath = await assertRejects(() => listenWith(world, () => {}, { path }), ListenError);
  assertEquals(onPath.message, `Cannot listen on ${path} as the system says EMFILE`);
  world.libc.heal();
  short();
  const binding = await assertRejects(
    () => world.server.bindDatagram({ onBatch() {} }),
    ListenError,
  );
  assertEquals(binding.message, "Cannot bind [::]:0 as the system says EMFILE");
  assert(
    (await connectPair(world)).client.stream.writable,
    "and goes on when they are there again",
  );
});
