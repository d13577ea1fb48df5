import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventLoop, ListenError, StreamError } from "../../../loop/mod.ts";

const handlers = { onData: () => {} };

Deno.test({
  name: "PortableListener pauses while descriptors are short, and recovers",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const clients = 120;
    const program = new URL("shortage_program.ts", import.meta.url).pathname;
    const child = new Deno.Command("sh", {
      args: ["-c", `ulimit -n 100; exec "$0" run -A "$1" ${clients}`, Deno.execPath(), program],
      env: { SLUICE_POLLER: "portable" },
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => JSON.parse((await lines.read()).value!);
    const port = await next();
    const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
    const conns = await Promise.all(Array.from({ length: clients }, connect));
    const short = await next();
    assert(short.accepted > 0 && short.accepted < clients, JSON.stringify(short));
    assert(short.iterations < 100, `${short.iterations} iterations while waiting`);
    for (const conn of conns.splice(10)) conn.close();
    const { accepted, acceptErrors, acceptPauses } = await next();
    assertEquals([accepted, acceptErrors, acceptPauses > 0], [clients, 0, true]);
    assertEquals((await lines.read()).done, true);
    assertEquals((await child.status).success, true);
    for (const conn of conns) conn.close();
  },
});

Deno.test("PortableListener shares its port with reusePort", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const options = { hostname: "127.0.0.1", reusePort: true, onConnection: () => handlers };
  const first = await loop.listenStream(options);
  const { port } = first.localAddress as { port: number };
  const second = await loop.listenStream({ ...options, port });
  assertEquals(second.localAddress, first.localAddress);
  await assertRejects(() => loop.listenStream({ ...options, port, reusePort: false }), ListenError);
});

Deno.test("PortableListener says when the name of its host has no address", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const hostname = "nowhere.invalid";
  const error = await assertRejects(
    () => loop.listenStream({ hostname, port: 80, onConnection: () => handlers }),
    ListenError,
    "Cannot listen on nowhere.invalid:80 as the name has no address",
  );
  assertEquals(error.code, "unavailable");
  const other = await assertRejects(
    () => loop.connectStream({ hostname, port: 80, handlers }),
    StreamError,
    "Cannot connect to nowhere.invalid:80 as the name has no address",
  );
  assertEquals(other.code, "address");
});

Deno.test("PortableListener refuses TLS on a unix socket", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const tls = { cert: "", key: "" };
  await assertRejects(
    () => loop.listenStream({ path: "/tmp/never", tls, onConnection: () => handlers }),
    TypeError,
    "Cannot listen as the portable poller speaks no TLS on unix sockets",
  );
  await assertRejects(
    () => loop.connectStream({ path: "/tmp/never", tls: {}, handlers }),
    TypeError,
    "Cannot connect as the portable poller speaks no TLS on unix sockets",
  );
});

Deno.test({
  name: "PortableListener says when the runtime denies its address",
  permissions: { net: false },
  fn: async () => {
    await using loop = new EventLoop({ poller: "portable" });
    const listening = loop.listenStream({
      hostname: "127.0.0.1",
      port: 80,
      onConnection: () => handlers,
    });
    const error = await assertRejects(() => listening, ListenError);
    assertEquals(error.code, "denied");
  },
});

Deno.test("EventLoop[Symbol.asyncDispose]() gives up connecting", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  let connecting: Promise<StreamError>;
  {
    await using loop = new EventLoop({ poller: "portable" });
    const attempt = loop.connectStream({ hostname: "127.0.0.1", port, handlers, tls: {} });
    connecting = assertRejects(() => attempt, StreamError);
    (await silent.accept()).close();
  }
  assert(["closed", "tls", "reset"].includes((await connecting).code));
  silent.close();
});
