import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { ModstampDashboard } from "../../../modstamp/dashboard/mod.ts";
import { TestBrowser } from "../../dashboard/browser.ts";
import { ManualPoller } from "../../queue/manual_poller.ts";
import { ManualStore } from "../manual_store.ts";
import { SimulatedServer, STRANGER, WRITER } from "../simulated_server.ts";
import { change, query } from "../wire.ts";

const EVIL = "<script>alert(1)</script>";

Deno.test("ModstampServer.inspect() finds ids, values and subscribers page by page", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  for (const id of ["a:1", "a:2", "b:1"]) reader.send(query(id));
  writer.send(query("a:1"));
  writer.send(change("b:1", "x"));
  await world.settle();
  store.succeed();
  await world.settle();
  const { server } = world;
  const all = server.inspect().ids.map(({ id, value, subscribers }) => [
    id,
    new TextDecoder().decode(value),
    subscribers,
  ]);
  assertEquals(all.sort(), [["a:1", "", 2], ["a:2", "", 1], ["b:1", "x", 1]]);
  const first = server.inspect({ limit: 2 });
  const second = server.inspect({ limit: 2, from: first.next! });
  assertEquals([first.ids.length, second.ids.length, second.next], [2, 1, null]);
  assertEquals(server.inspect({ text: "b:" }).ids.map(({ id }) => id), ["b:1"]);
  assertEquals(server.inspect({ from: 1e9 }), { ids: [], next: null });
});

Deno.test("ModstampDashboard shows ids, values, subscribers and what was dropped", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  const loop = new EventLoop({ poller: new ManualPoller() });
  using dashboard = new ModstampDashboard({
    server: world.server,
    loop,
    token: "secret",
    readers: "all",
  });
  const browser = new TestBrowser(dashboard);
  const read = async (path: string): Promise<string> =>
    (await (await browser.get(path)).text()).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  assertStringIncludes(await read("/dashboard"), "There are no ids");
  reader.send(query("prices"));
  writer.send(change("prices", EVIL));
  writer.send(change("raw", "\x01\xff"));
  reader.send(change("prices", "forbidden"));
  for (let commits = 0; commits < 2; commits++) {
    await world.settle();
    store.succeed();
  }
  await world.settle();
  const page = await (await browser.get("/dashboard")).text();
  assert(!page.includes("<script>alert"));
  const text = await read("/dashboard");
  assertStringIncludes(text, "prices &lt;script&gt;alert(1)&lt;/script&gt; 1");
  assertStringIncludes(text, "raw 0x");
  assertStringIncludes(text, "changes forbidden 1");
  assert(!(await read("/dashboard?q=raw")).includes("prices &lt;"));
  for (const from of ["-1", "x", "1e99", EVIL]) {
    assertEquals((await browser.get(`/dashboard?from=${encodeURIComponent(from)}`)).status, 200);
  }
  await browser.logIn("secret");
  const csrf = await browser.csrf("/dashboard");
  assertEquals((await browser.post("/dashboard/prices/change", { csrf })).status, 404);
});
