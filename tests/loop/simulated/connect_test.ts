import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ConnectOptions, StreamError } from "../../../loop/mod.ts";
import { forEachSeed } from "../../sim/for_each_seed.ts";
import { Scene } from "./stream_scene.ts";

Deno.test("EventLoop.connectStream() fails when nobody listens", async () => {
  using scene = new Scene();
  const connect = async (options: Partial<ConnectOptions>): Promise<string> => {
    const error = await assertRejects(() => scene.connect(options), StreamError);
    return error.code;
  };
  assertEquals(await connect({}), "refused");
  assertEquals(await connect({ hostname: "nobody" }), "address");
  assertEquals(await connect({ hostname: "10.0.0.99" }), "unreachable");
  assertEquals(await connect({ hostname: "fd00::1" }), "unreachable");
  assertEquals(await connect({ path: "/run/x", port: undefined }), "refused");
  scene.server.crash();
  assertEquals(await connect({ connectTimeoutMs: 5000 }), "timeout");
  await assertRejects(
    () => scene.connect({ path: "/run/x" }),
    TypeError,
    "either a port or a path",
  );
  await assertRejects(() => scene.connect({ tls: {} }), TypeError, "no TLS");
});

Deno.test("EventLoop.connectStream() gives up when its signal is aborted", async () => {
  using scene = new Scene();
  scene.network.partition([scene.server]);
  const abort = new AbortController();
  scene.clientLoop.callLater(50, () => abort.abort(new RangeError("Enough")));
  await assertRejects(() => scene.connect({ signal: abort.signal }), RangeError, "Enough");
  await assertRejects(() => scene.connect({ signal: abort.signal }), RangeError, "Enough");
  await scene.network.settled();
  assert(scene.network.now < 100);
});

Deno.test("EventLoop.connectStream() calls again when its call is lost", async () => {
  await forEachSeed({ count: 5 }, async (seed) => {
    using scene = new Scene({ seed, faults: { loss: 0.6, giveUpMs: 1e9 } });
    await scene.listen();
    const client = await scene.connect({ connectTimeoutMs: 1e9 });
    client.write("hello");
    await scene.network.until(() => scene.accepted[0]?.text === "hello", { timeoutMs: 1e7 });
  });
});
