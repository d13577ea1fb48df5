import { assert, assertEquals } from "@std/assert";
import { EpollPoller } from "../../../loop/epoll/poller.ts";
import { EventLoop } from "@sluice/sluice/loop";
import { bytesOf, connectPair } from "../conformance/stream_pair.ts";
import { FaultyLibc } from "./faulty_libc.ts";
import { FaultyWorld } from "./faulty_world.ts";

function openDescriptors(): number {
  return Array.from(Deno.readDirSync("/proc/self/fd")).length;
}

Deno.test("EpollPoller leaves no descriptor open", async () => {
  // The first one loads what stays loaded.
  await new EventLoop({ poller: "epoll" })[Symbol.asyncDispose]();
  const before = openDescriptors();
  for (let round = 0; round < 5; round++) {
    await using loop = new EventLoop({ poller: "epoll" });
    for (let i = 0; i < 3; i++) await loop.bindDatagram({ onBatch: () => {} });
    await loop.sleep(1);
    assertEquals(openDescriptors(), before + 5);
  }
  assertEquals(openDescriptors(), before);
});

Deno.test("EpollPoller.poll() sleeps while nothing happens", async () => {
  const libc = new FaultyLibc();
  await using loop = new EventLoop({ poller: new EpollPoller({ libc }) });
  await loop.bindDatagram({ hostname: "127.0.0.1", onBatch: () => {} });
  await loop.sleep(1);
  const { iterations } = loop.stats();
  const looks = libc.count("epoll_wait");
  for (let i = 0; i < 10; i++) await loop.sleep(5);
  assert(loop.stats().iterations - iterations <= 60, `${loop.stats().iterations} iterations`);
  assert(libc.count("epoll_wait") - looks <= 400, `${libc.count("epoll_wait")} looks`);
});

Deno.test("EpollPoller.wake() ends a wait for callSoon()", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  await loop.bindDatagram({ hostname: "127.0.0.1", onBatch: () => {} });
  loop.callLater(3_600_000, () => {});
  for (let i = 0; i < 100; i++) {
    // By now the loop is asleep on its thread, or about to be.
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const called = Promise.withResolvers<void>();
    loop.callSoon(called.resolve);
    await called.promise;
  }
  assertEquals(loop.stats().callbacks, 100);
});

Deno.test("EpollPoller.poll() ends a wait that is too long for a new timer", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  await loop.bindDatagram({ hostname: "127.0.0.1", onBatch: () => {} });
  loop.callLater(3_600_000, () => {});
  await new Promise((resolve) => setTimeout(resolve, 2));
  await loop.sleep(1);
});

Deno.test("EpollPoller lets commits of a database go on while it is never idle", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  let busy = true;
  const socket = await loop.bindDatagram({
    hostname: "127.0.0.1",
    onBatch(batch, socket) {
      for (let i = 0; i < batch.count && busy; i++) {
        const from = batch.start(i);
        socket.send(batch.peer(i), batch.bytes.subarray(from, batch.end(i)));
      }
    },
  });
  const self = socket.peers.internAddress("127.0.0.1", socket.localAddress.port);
  for (let i = 0; i < 64; i++) socket.send(self, new Uint8Array(32));
  const folder = await Deno.makeTempDir();
  const kv = await Deno.openKv(`${folder}/kv`);
  for (let i = 0; i < 20; i++) await kv.set(["n"], i);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals((await kv.get(["n"])).value, 19);
  assert(socket.stats().received > 20);
  busy = false;
  kv.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("EpollPoller lets the process exit when nothing is left", async () => {
  const program = `
    import { EventLoop } from "@sluice/sluice/loop";
    const loop = new EventLoop({ poller: "epoll" });
    const socket = await loop.bindDatagram({ hostname: "127.0.0.1", onBatch: () => {} });
    await loop.sleep(2);
    socket.close();
    await loop.run();
    console.log("done");
  `;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `--config=${config}`, "--no-lock", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, stdout } = await child.output();
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "done\n"]);
});

Deno.test("EpollPoller leaves no descriptor of a stream open", async () => {
  await new EventLoop({ poller: "epoll" })[Symbol.asyncDispose]();
  const before = openDescriptors();
  {
    await using world = new FaultyWorld();
    for (let i = 0; i < 5; i++) {
      const { client, server } = await connectPair(world);
      client.stream.write(bytesOf("x"));
      await server.told.told("data");
      if (i === 1) client.stream.terminate();
      if (i === 2) await server.stream[Symbol.asyncDispose]();
      if (i === 3) client.stream.end();
    }
    const silent = await connectPair(world, { server: { halfOpen: true } });
    silent.client.stream.end();
    await silent.server.told.told("end");
  }
  assertEquals(openDescriptors(), before);
});

Deno.test("EpollPoller serves TLS and plain connections in one loop", async () => {
  await using loop = new EventLoop({ poller: "epoll" });
  const certificate = (name: string): string =>
    Deno.readTextFileSync(new URL(`../tls/${name}.pem`, import.meta.url));
  const tls = { cert: certificate("certificate"), key: certificate("key") };
  const answers: string[] = [];
  const both = Promise.withResolvers<void>();
  for (const secure of [true, false]) {
    const listener = await loop.listenStream({
      hostname: "127.0.0.1",
      ...(secure ? { tls } : {}),
      onConnection: () => ({
        onData: (chunk, stream) => void stream.write(chunk),
      }),
    });
    const client = await loop.connectStream({
      hostname: "127.0.0.1",
      port: (listener.localAddress as { port: number }).port,
      ...(secure ? { tls: { caCerts: [certificate("authority")], serverName: "localhost" } } : {}),
      handlers: {
        onData(chunk) {
          answers.push(new TextDecoder().decode(chunk));
          if (answers.length === 2) both.resolve();
        },
      },
    });
    client.write(bytesOf(secure ? "secret" : "plain"));
  }
  await both.promise;
  assertEquals(answers.toSorted(), ["plain", "secret"]);
});

Deno.test("EpollPoller points to no memory that is collected", async () => {
  const program = new URL("collected_memory.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", program],
    stderr: "inherit",
  }).output();
  const { right, sent } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([code, right], [0, sent]);
});
