import { assert, assertEquals, assertRejects } from "@std/assert";
import { Errno } from "../../../loop/epoll/errno.ts";
import { ListenError } from "../../../loop/mod.ts";
import { bytesOf, connectPair, connectTo, listenWith } from "../conformance/stream_pair.ts";
import type { StreamEnd } from "../conformance/stream_pair.ts";
import { FaultyWorld } from "./faulty_world.ts";

for (const code of ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"] as const) {
  Deno.test(`EpollListener pauses on ${code} and recovers`, async () => {
    await using world = new FaultyWorld();
    const accepted = Promise.withResolvers<StreamEnd>();
    const listener = await listenWith(world, accepted.resolve);
    world.libc.fail("accept4", Errno[code]);
    const client = await connectTo(world, listener);
    client.stream.write(bytesOf("patience"));
    const { told } = await accepted.promise;
    await told.until(() => told.text === "patience");
    const { acceptPauses, acceptErrors } = listener.stats();
    assertEquals([acceptPauses, acceptErrors], [1, 0]);
    assertEquals(world.libc.count("accept4"), 3);
  });
}

Deno.test("EpollListener counts connections that are gone before they are accepted", async () => {
  await using world = new FaultyWorld();
  world.libc.fail("accept4", Errno.ECONNABORTED, Errno.EPROTO, Errno.EINTR, Errno.ENETDOWN);
  const { listener } = await connectPair(world);
  assertEquals(listener.stats(), {
    accepted: 1,
    connections: 1,
    acceptPauses: 0,
    acceptErrors: 3,
  });
});

Deno.test("EpollListener tells onError when its descriptor is lost", async () => {
  await using world = new FaultyWorld();
  const lost = Promise.withResolvers<Error>();
  const listener = await listenWith(world, () => {}, { onError: lost.resolve });
  world.libc.fail("accept4", Errno.EBADF);
  // Whether the client still notices its connection is a matter of luck.
  await Promise.allSettled([connectTo(world, listener)]);
  assertEquals(
    (await lost.promise).message,
    "Cannot accept connections as the system refuses: EBADF",
  );
});

Deno.test("EpollListener leaves a file alone that is no socket", async () => {
  await using world = new FaultyWorld();
  const path = world.unixPath();
  await Deno.writeTextFile(path, "precious");
  const error = await assertRejects(() => listenWith(world, () => {}, { path }), ListenError);
  assertEquals(error.code, "in-use");
  assertEquals(await Deno.readTextFile(path), "precious");
});

Deno.test("EpollListener takes over a socket on which nobody listens any more", async () => {
  await using world = new FaultyWorld();
  const path = world.unixPath();
  const left = world.libc;
  left.fail("unlink", Errno.EPERM);
  (await listenWith(world, () => {}, { path })).close();
  assert((await Deno.lstat(path)).isSocket);
  const { server, client } = await connectPair(world, { listen: { path } });
  client.stream.write(bytesOf("hello"));
  await server.told.until(() => server.told.text === "hello");
});

Deno.test("EpollListener doesn't take the socket of one that listens", async () => {
  await using world = new FaultyWorld();
  const path = world.unixPath();
  await listenWith(world, () => {}, { path });
  const error = await assertRejects(() => listenWith(world, () => {}, { path }), ListenError);
  assertEquals(error.code, "in-use");
});

Deno.test("EpollListener serves all clients though descriptors are few", async () => {
  const program = new URL("few_descriptors.ts", import.meta.url).pathname;
  const child = new Deno.Command("sh", {
    args: ["-c", `ulimit -n 64; exec "$0" run -A "$1"`, Deno.execPath(), program],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  const options = { hostname: "127.0.0.1", port };
  // All of them first, as a slow server would otherwise have done with some when others come.
  const connections = await Promise.all(Array.from({ length: 100 }, () => Deno.connect(options)));
  const answered = connections.map(async (connection) => {
    using conn = connection;
    await conn.write(bytesOf("x"));
    return await conn.read(new Uint8Array(1));
  });
  assertEquals(await Promise.all(answered), Array(100).fill(1));
  await child.stdin.close();
  const stats = JSON.parse((await lines.read()).value!);
  assertEquals(stats.accepted, 100);
  assert(stats.acceptPauses > 0);
  assertEquals((await child.status).code, 0);
  await lines.cancel();
});
