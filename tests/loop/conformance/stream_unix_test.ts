import { assertEquals, assertRejects } from "@std/assert";
import { ListenError, StreamError } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, connectTo, listenWith } from "./stream_pair.ts";

const options = { needs: ["unix"] } as const;
const files = { needs: ["unix", "files"] } as const;

eachPoller("EventLoop.listenStream() listens on a path", async (world) => {
  const path = world.unixPath();
  const { listener, server, client } = await connectPair(world, { listen: { path } });
  assertEquals(listener.localAddress, { path });
  assertEquals(client.stream.remoteAddress, { path });
  assertEquals(server.stream.remoteAddress, { path: "" });
  client.stream.write(bytesOf("ping"));
  client.stream.end();
  await server.told.told("end");
  assertEquals(server.told.text, "ping");
  assertEquals(await client.told.closed(), null);
}, options);

eachPoller("StreamSocket on a path half-closes and transfers", async (world) => {
  const path = world.unixPath();
  const { server, client } = await connectPair(world, {
    listen: { path },
    server: { onData: () => {}, halfOpen: true },
  });
  client.stream.write(new Uint8Array(3_000_000));
  client.stream.end();
  await server.told.told("end");
  assertEquals(server.told.received, 3_000_000);
  server.stream.write(bytesOf("thanks"));
  server.stream.end();
  assertEquals(await client.told.closed(), null);
  assertEquals(client.told.text, "thanks");
}, options);

eachPoller("StreamListener.close() removes its path", async (world) => {
  const path = world.unixPath();
  const listener = await listenWith(world, () => {}, { path });
  await listener[Symbol.asyncDispose]();
  const error = await assertRejects(() => connectTo(world, listener), StreamError);
  assertEquals(error.code, "refused");
}, options);

eachPoller("StreamListener.close() removes its file", async (world) => {
  const path = world.unixPath();
  const listener = await listenWith(world, () => {}, { path });
  assertEquals((await Deno.lstat(path)).isSocket, true);
  await listener[Symbol.asyncDispose]();
  await assertRejects(() => Deno.lstat(path), Deno.errors.NotFound);
}, files);

eachPoller("EventLoop.listenStream() fails clearly on a path that is taken", async (world) => {
  const path = world.unixPath();
  await listenWith(world, () => {}, { path });
  const message = `Cannot listen on ${path} as the address is in use`;
  const error = await assertRejects(
    () => listenWith(world, () => {}, { path }),
    ListenError,
    message,
  );
  assertEquals([error.code, error.address], ["in-use", path]);
}, options);

eachPoller("EventLoop.listenStream() leaves files alone that are no sockets", async (world) => {
  const path = world.unixPath();
  await Deno.writeTextFile(path, "precious");
  await assertRejects(() => listenWith(world, () => {}, { path }), ListenError);
  assertEquals(await Deno.readTextFile(path), "precious");
}, files);

eachPoller("EventLoop.listenStream() takes a path that a killed process left", async (world) => {
  const path = world.unixPath();
  const killed = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `Deno.listen({ transport: "unix", path: "${path}" }); Deno.kill(Deno.pid, "SIGKILL");`,
    ],
  }).output();
  assertEquals([killed.success, (await Deno.lstat(path)).isSocket], [false, true]);
  const { client } = await connectPair(world, { listen: { path } });
  client.stream.end();
  await client.told.closed();
}, files);

eachPoller("EventLoop.listenStream() fails clearly in a folder that isn't there", async (world) => {
  const path = `${world.unixPath()}/below/socket`;
  const error = await assertRejects(() => listenWith(world, () => {}, { path }), ListenError);
  assertEquals(error.code, "unavailable");
}, files);
