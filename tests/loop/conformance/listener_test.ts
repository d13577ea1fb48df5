import { assert, assertEquals, assertRejects } from "@std/assert";
import { ListenError, StreamError } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import {
  bytesOf,
  connectPair,
  connectTo,
  listenWith,
  passTime,
  type StreamEnd,
} from "./stream_pair.ts";

eachPoller("EventLoop.listenStream() tells the port it was given", async (world) => {
  const listener = await listenWith(world, () => {});
  const address = listener.localAddress as { hostname: string; port: number };
  assertEquals(address.hostname, world.serverHost);
  assert(address.port > 0);
});

eachPoller("EventLoop.listenStream() fails clearly when the port is taken", async (world) => {
  const listener = await listenWith(world, () => {});
  const { port } = listener.localAddress as { port: number };
  const error = await assertRejects(
    () => listenWith(world, () => {}, { port }),
    ListenError,
    `Cannot listen on ${world.serverHost}:${port} as the address is in use`,
  );
  assertEquals([error.code, error.address], ["in-use", `${world.serverHost}:${port}`]);
});

eachPoller("EventLoop.listenStream() fails clearly on an address of others", async (world) => {
  const error = await assertRejects(
    () => listenWith(world, () => {}, { hostname: "192.0.2.77" }),
    ListenError,
    "Cannot listen on 192.0.2.77:0 as the address is none of this machine's",
  );
  assertEquals(error.code, "unavailable");
});

eachPoller("EventLoop.listenStream() hears IPv6 and IPv4 by default", async (world) => {
  const accepted: string[] = [];
  const listener = await listenWith(
    world,
    ({ stream }) => void accepted.push((stream.remoteAddress as { hostname: string }).hostname),
    { hostname: undefined },
  );
  for (const hostname of ["::1", "127.0.0.1"]) {
    const client = await connectTo(world, listener, { hostname });
    client.stream.end();
    await client.told.closed();
  }
  assertEquals(accepted, ["::1", "127.0.0.1"]);
}, { needs: ["loopback"] });

eachPoller("EventLoop.connectStream() tries each address of a name", async (world) => {
  for (const hostname of ["::1", "127.0.0.1"]) {
    const listener = await listenWith(world, () => {}, { hostname });
    const client = await connectTo(world, listener, { hostname });
    client.stream.end();
    await client.told.closed();
  }
  const listener = await listenWith(world, () => {}, { hostname: "127.0.0.1" });
  const client = await connectTo(world, listener, { hostname: "localhost" });
  client.stream.end();
  await client.told.closed();
}, { needs: ["loopback"] });

eachPoller("StreamListener holds many connections", async (world) => {
  const listener = await listenWith(world, () => {}, {
    recorder: { onData: (chunk, stream) => void stream.write(chunk) },
  });
  const clients = await Promise.all(
    Array.from({ length: 200 }, () => connectTo(world, listener)),
  );
  await Promise.all(clients.map(async ({ stream, told }, i) => {
    stream.write(bytesOf(`I am ${i}`));
    await told.until(() => told.text === `I am ${i}`);
  }));
  assertEquals(listener.stats(), {
    accepted: 200,
    connections: 200,
    acceptPauses: 0,
    acceptErrors: 0,
  });
  for (const { stream } of clients) stream.end();
  await Promise.all(clients.map(({ told }) => told.closed()));
  assertEquals(clients.every(({ told }) => told.error === null), true);
  await passTime(world, 5);
  assertEquals(listener.stats().connections, 0);
});

eachPoller("ListenOptions.maxConnections makes further clients wait", async (world) => {
  const accepted: StreamEnd[] = [];
  const listener = await listenWith(world, (end) => void accepted.push(end), { maxConnections: 2 });
  const clients = await Promise.all([1, 2, 3].map(() => connectTo(world, listener)));
  for (const { stream } of clients) stream.write(bytesOf("hello"));
  await passTime(world);
  assertEquals([accepted.length, listener.stats().connections], [2, 2]);
  accepted[0].stream.terminate();
  await Promise.race(clients.map(({ told }) => told.closed()));
  await passTime(world);
  assertEquals([accepted.length, listener.stats().connections], [3, 2]);
  await accepted[2].told.until(() => accepted[2].told.text === "hello");
});

eachPoller("StreamListener.close() leaves connections alive", async (world) => {
  const { listener, server, client } = await connectPair(world);
  listener.close();
  listener.close();
  client.stream.write(bytesOf("still here"));
  await server.told.until(() => server.told.text === "still here");
  assertEquals(listener.stats().connections, 1);
  await assertRejects(() => connectTo(world, listener));
});

eachPoller("StreamListener[Symbol.asyncDispose]() ends connections gracefully", async (world) => {
  const { listener, server, client } = await connectPair(world);
  server.stream.write(new Uint8Array(3_000_000));
  await listener[Symbol.asyncDispose]();
  assertEquals(await client.told.closed(), null);
  assertEquals([client.told.received, server.told.error], [3_000_000, null]);
  const { port } = listener.localAddress as { port: number };
  await (await listenWith(world, () => {}, { port }))[Symbol.asyncDispose]();
});

eachPoller("ListenOptions.onConnection() that throws costs that connection only", async (world) => {
  let calls = 0;
  const listener = await listenWith(world, () => {
    if (++calls === 1) throw new RangeError("Not today");
  });
  const first = await connectTo(world, listener);
  await first.told.closed();
  const second = await connectTo(world, listener);
  second.stream.end();
  assertEquals(await second.told.closed(), null);
  const [error, ...others] = world.errors.splice(0);
  assertEquals([(error as RangeError).message, others], ["Not today", []]);
});

eachPoller("EventLoop[Symbol.asyncDispose]() sends what is queued, then closes", async (world) => {
  const { listener, server, client } = await connectPair(world);
  server.stream.write(new Uint8Array(100_000));
  await world.server[Symbol.asyncDispose]();
  assertEquals(await client.told.closed(), null);
  assertEquals(client.told.received, 100_000);
  assertEquals([server.stream.closed, server.stream.write(bytesOf("x"))], [true, false]);
  assert(!server.told.calls.includes("close"));
  await server.stream[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
});

eachPoller(
  "EventLoop[Symbol.asyncDispose]() gives up on a peer that doesn't read",
  async (world) => {
    const { server, client } = await connectPair(world, { listen: { lingerMs: 20 } });
    client.stream.pause();
    server.stream.write(new Uint8Array(16_000_000));
    const waiting = assertRejects(() => server.stream.drained(), StreamError);
    await world.server[Symbol.asyncDispose]();
    assertEquals((await waiting).code, "closed");
    client.stream.terminate();
  },
);
