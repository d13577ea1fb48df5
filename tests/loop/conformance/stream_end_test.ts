import { assertEquals } from "@std/assert";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, connectTo, listenWith, type StreamEnd } from "./stream_pair.ts";

eachPoller("StreamSocket.end() leaves the other direction open", async (world) => {
  for (const first of ["server", "client"] as const) {
    const pair = await connectPair(world, {
      server: { halfOpen: true },
      client: { halfOpen: true },
    });
    const [one, other] = first === "server"
      ? [pair.server, pair.client]
      : [pair.client, pair.server];
    one.stream.write(bytesOf("bye"));
    one.stream.end();
    assertEquals([one.stream.writable, one.stream.closed], [false, false]);
    await other.told.told("end");
    assertEquals([other.told.text, other.told.calls.at(-1)], ["bye", "end"]);
    assertEquals([other.stream.writable, other.stream.closed], [true, false]);
    other.stream.write(bytesOf("one "));
    await one.told.until(() => one.told.text === "one ");
    other.stream.write(bytesOf("more"));
    other.stream.end();
    assertEquals(await Promise.all([one.told.closed(), other.told.closed()]), [null, null]);
    assertEquals(one.told.text, "one more");
    assertEquals(one.told.calls.slice(-2), ["end", "close"]);
    assertEquals(other.told.calls.slice(-1), ["close"]);
  }
});

eachPoller("StreamSocket.end() sends first what was written", async (world) => {
  const { server, client } = await connectPair(world, { server: { onData: () => {} } });
  client.stream.write(new Uint8Array(3_000_000));
  client.stream.end();
  client.stream.end();
  await server.told.told("end");
  assertEquals(server.told.received, 3_000_000);
});

eachPoller("StreamSocket.end() without a byte reaches the peer", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.end();
  assertEquals(await Promise.all([server.told.closed(), client.told.closed()]), [null, null]);
  assertEquals(client.told.calls, ["end", "close"]);
});

eachPoller("StreamSocket.write() is refused after end()", async (world) => {
  const { server, client } = await connectPair(world);
  client.stream.write(bytesOf("all"));
  client.stream.end();
  assertEquals(client.stream.write(bytesOf("more")), false);
  await client.told.closed();
  assertEquals(client.stream.write(bytesOf("more")), false);
  await server.told.closed();
  assertEquals(server.told.text, "all");
});

eachPoller("StreamHandlers.onEnd() left out ends the own side too", async (world) => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const listener = await world.server.listenStream({
    hostname: world.serverHost,
    onConnection: (stream) => {
      stream.write(bytesOf("hello"));
      return { onData: () => {}, onClose: () => resolve() };
    },
  });
  const client = await connectTo(world, listener, { recorder: { halfOpen: true } });
  client.stream.end();
  await Promise.all([closed, client.told.closed()]);
  assertEquals(client.told.text, "hello");
});

eachPoller("StreamSocket may be gone before it is handed over", async (world) => {
  let accepted: StreamEnd | undefined;
  const listener = await listenWith(world, (end) => {
    accepted = end;
    end.stream.terminate();
  });
  const client = await connectTo(world, listener);
  await client.told.closed();
  assertEquals(accepted!.told.calls, ["close"]);
  assertEquals(accepted!.told.error, null);
});

eachPoller("StreamSocket[Symbol.asyncDispose]() sends what is queued", async (world) => {
  const { server, client } = await connectPair(world, { server: { onData: () => {} } });
  client.stream.write(new Uint8Array(3_000_000));
  await client.stream[Symbol.asyncDispose]();
  assertEquals([client.stream.closed, client.told.calls.at(-1)], [true, "close"]);
  assertEquals(await server.told.closed(), null);
  assertEquals(server.told.received, 3_000_000);
  await client.stream[Symbol.asyncDispose]();
});

eachPoller("StreamSocket[Symbol.asyncDispose]() waits no longer than lingerMs", async (world) => {
  const { server, client } = await connectPair(world, {
    connect: { lingerMs: 20 },
    server: { halfOpen: true },
  });
  server.stream.pause();
  client.stream.write(new Uint8Array(16_000_000));
  await client.stream[Symbol.asyncDispose]();
  assertEquals([client.stream.closed, client.told.error], [true, null]);
  server.stream.terminate();
});

eachPoller("StreamSocket[Symbol.asyncDispose]() drops what still arrives", async (world) => {
  const { server, client } = await connectPair(world, {
    connect: { lingerMs: 20 },
    server: { halfOpen: true },
  });
  const disposed = client.stream[Symbol.asyncDispose]();
  server.stream.write(bytesOf("too late"));
  await disposed;
  assertEquals(client.told.calls, ["close"]);
});
