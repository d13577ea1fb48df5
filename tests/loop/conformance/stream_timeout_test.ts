import { assertEquals, assertRejects } from "@std/assert";
import { StreamError } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, connectTo, listenWith } from "./stream_pair.ts";

const handlers = { onData: () => {} };

eachPoller("StreamOptions.idleTimeoutMs ends a silent stream", async (world) => {
  const { server, client } = await connectPair(world, { listen: { idleTimeoutMs: 20 } });
  assertEquals((await server.told.closed())?.code, "idle");
  await client.told.closed();
  assertEquals(server.told.calls, ["close"]);
});

eachPoller("StreamOptions.idleTimeoutMs counts from the last byte, in or out", async (world) => {
  const { server, client } = await connectPair(world, {
    listen: { idleTimeoutMs: 100 },
    connect: { idleTimeoutMs: 100 },
  });
  for (let i = 0; i < 10; i++) {
    await world.client.sleep(60);
    assertEquals([server.told.error, client.told.error], [undefined, undefined]);
    (i % 2 === 0 ? server : client).stream.write(bytesOf("x"));
  }
  const codes = await Promise.all([server.told.closed(), client.told.closed()]);
  assertEquals(codes.some((error) => error?.code === "idle"), true);
}, { needs: ["virtual-time"] });

eachPoller("EventLoop.connectStream() is refused where nobody listens", async (world) => {
  const listener = await listenWith(world, () => {});
  const address = listener.localAddress as { port: number };
  await listener[Symbol.asyncDispose]();
  const error = await assertRejects(
    () => world.client.connectStream({ handlers, hostname: world.serverHost, port: address.port }),
    StreamError,
    `Cannot connect to ${world.serverHost}:${address.port} as nobody listens there`,
  );
  assertEquals(error.code, "refused");
});

eachPoller("EventLoop.connectStream() gives up after connectTimeoutMs", async (world) => {
  const target = await world.silentAddress();
  const error = await assertRejects(
    () => world.client.connectStream({ handlers, ...target, connectTimeoutMs: 20 }),
    StreamError,
    `Cannot connect to ${target.hostname}:${target.port} as it took longer than 20 ms`,
  );
  assertEquals(error.code, "timeout");
}, { needs: ["silence"] });

eachPoller("EventLoop.connectStream() gives up when the signal is aborted", async (world) => {
  const target = await world.silentAddress();
  const controller = new AbortController();
  const connecting = world.client.connectStream({ handlers, ...target, signal: controller.signal });
  await world.client.sleep(0);
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => connecting, RangeError, "Enough");
}, { needs: ["silence"] });

eachPoller("EventLoop.connectStream() doesn't begin when the signal is aborted", async (world) => {
  const listener = await listenWith(world, () => {});
  const signal = AbortSignal.abort(new RangeError("Enough"));
  await assertRejects(() => connectTo(world, listener, { signal }), RangeError, "Enough");
  assertEquals(listener.stats().accepted, 0);
});

eachPoller("EventLoop.connectStream() leaves the stream alone once it is open", async (world) => {
  const controller = new AbortController();
  const { server, client } = await connectPair(world, { connect: { signal: controller.signal } });
  controller.abort();
  client.stream.write(bytesOf("still here"));
  await server.told.until(() => server.told.text === "still here");
});

eachPoller("EventLoop.connectStream() wants a port or a path", async (world) => {
  await assertRejects(() => world.client.connectStream({ handlers }), TypeError);
  await assertRejects(
    () => world.client.connectStream({ handlers, port: 1, path: "x" }),
    TypeError,
  );
});
