import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { QueueDashboard } from "../../../queue/dashboard/mod.ts";
import { MemoryJobStore } from "../../../queue/mod.ts";
import { TestBrowser } from "../../dashboard/browser.ts";
import { World } from "../conformance/world.ts";

const EVIL = "<script>alert(1)</script>";

/** A dashboard over a store in memory, and who looks at it. */
class Scene implements AsyncDisposable {
  readonly world: World;
  readonly dashboard: QueueDashboard;
  readonly browser: TestBrowser;

  constructor(world: World, token?: string) {
    this.world = world;
    const { store, loop } = world;
    const onError = (error: unknown) => {
      throw error;
    };
    this.dashboard = new QueueDashboard({ store, loop, token, onError });
    this.browser = new TestBrowser(this.dashboard);
  }

  static async start(token?: string): Promise<Scene> {
    return new Scene(
      await World.open((loop) => Promise.resolve(new MemoryJobStore({ loop }))),
      token,
    );
  }

  /** The status and the text of a page, without markup and with single blanks. */
  async read(path: string): Promise<[number, string]> {
    const response = await this.browser.get(`/dashboard${path}`);
    const text = (await response.text()).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    return [response.status, text];
  }

  /** Gives an order by a form of the page. */
  async order(path: string, fields: Record<string, string> = {}): Promise<number> {
    const csrf = await this.browser.csrf("/dashboard");
    return (await this.browser.post(`/dashboard/${path}`, { csrf, ...fields })).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dashboard[Symbol.dispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

Deno.test("QueueDashboard shows queues, their states, rates and the oldest job", async () => {
  await using scene = await Scene.start();
  assertStringIncludes((await scene.read(""))[1], "No queue holds a job");
  await scene.world.push("a", { tube: "mail" });
  await scene.world.push("b", { tube: "mail", delayMs: 60_000 });
  await scene.world.push("c", { tube: "late" });
  await scene.world.takeOne("late");
  await scene.world.advance(4000);
  const [status, text] = await scene.read("");
  assertEquals(status, 200);
  assertStringIncludes(text, "mail 1 1 0 0 0/s 4 s");
  assertStringIncludes(text, "late 0 0 1 0 0/s –");
  assert(!(await scene.read("?q=mai"))[1].includes("late"));
});

Deno.test("QueueDashboard lists and finds the jobs of a queue page by page", async () => {
  await using scene = await Scene.start();
  for (let i = 1; i <= 60; i++) await scene.world.push(`{"job":"x","data":"word${i}"}`);
  const first = await (await scene.browser.get("/dashboard/queues/default")).text();
  assert(first.includes("word50&quot;") && !first.includes("word51&quot;"));
  const next = /href="([^"]*after=50)"/.exec(first)![1].replaceAll("&amp;", "&");
  const second = await (await scene.browser.get(next)).text();
  assert(!second.includes("word50&quot;") && second.includes("word60&quot;"));
  const [, found] = await scene.read("/queues/default?q=WORD57");
  assert(found.includes("57 x") && !found.includes("56 x"));
  assertStringIncludes((await scene.read("/queues/default?q=nothing"))[1], "No ready job holds");
});

Deno.test("QueueDashboard shows a job, what it holds and what has become of it", async () => {
  await using scene = await Scene.start();
  const id = await scene.world.push('{"job":"resize","data":{"url":"x"}}', { key: "k1" });
  const [, before] = await scene.read(`/jobs/${id}`);
  assertStringIncludes(before, `Job ${id}: resize`);
  assertStringIncludes(before, "&quot;url&quot;: &quot;x&quot;");
  assertStringIncludes(before, "key k1");
  const job = await scene.world.takeOne();
  await scene.world.store.bury(job, { reason: "The disk is full" });
  const [, after] = await scene.read(`/find?id=${id}`);
  assertStringIncludes(after, "The disk is full");
  assertStringIncludes(after, "buried, attempt 1 0 ms ago");
  for (const path of ["/jobs/99", "/jobs/x", "/jobs/-1", "/jobs", "/queues/none", "/jobs/1/2"]) {
    assertEquals((await scene.read(path))[0], 404, path);
  }
});

Deno.test("QueueDashboard escapes names, data, keys and reasons", async () => {
  await using scene = await Scene.start("secret");
  await scene.browser.logIn("secret");
  const id = await scene.world.push(EVIL, { tube: EVIL, key: EVIL, concurrencyKey: EVIL });
  await scene.world.push(JSON.stringify({ job: EVIL, data: { [EVIL]: EVIL } }), { tube: EVIL });
  await scene.world.store.bury(await scene.world.takeOne(EVIL), { reason: EVIL });
  const tube = encodeURIComponent(EVIL);
  const pages = [
    "",
    `?q=${tube}`,
    `/queues/${tube}`,
    `/queues/${tube}?state=ready&q=${tube}`,
    `/queues/${tube}?state=${tube}&after=${tube}`,
    `/jobs/${id}`,
    `/jobs/${id + 1}`,
    `/jobs/${tube}`,
  ];
  for (const path of pages) {
    const text = await (await scene.browser.get(`/dashboard${path}`)).text();
    assert(!text.includes("<script>alert"), `${path}: ${text}`);
  }
});

Deno.test("QueueDashboard kicks, retries, deletes, pauses and resumes for who has the token", async () => {
  await using scene = await Scene.start("secret");
  await scene.browser.logIn("secret");
  const { store } = scene.world;
  const ids = [1, 2, 3].map((id) => String(id));
  for (const id of ids) await scene.world.push(id);
  for (const job of await scene.world.take("default", 2)) await store.bury(job);
  assertEquals(await scene.order("queues/default/kick", { count: "1" }), 303);
  assertEquals((await store.peek(1))?.state, "ready");
  assertEquals(await scene.order("jobs/2/kick"), 303);
  assertEquals((await store.peek(2))?.state, "ready");
  assertEquals(await scene.order("jobs/2/kick"), 409);
  assertEquals(await scene.order("queues/default/pause"), 303);
  assertEquals(await store.reserve({ tubes: ["default"], timeoutMs: 0 }), []);
  assertStringIncludes((await scene.read(""))[1], "paused");
  assertEquals(await scene.order("queues/default/resume"), 303);
  const reserved = await scene.world.takeOne();
  assertEquals(await scene.order(`jobs/${reserved.id}/delete`), 409);
  assertEquals(await scene.order("jobs/3/delete"), 303);
  assertEquals(await store.peek(3), null);
  assertEquals(await scene.order("jobs/3/delete"), 409);
  assertEquals(await scene.order("queues/none/kick", { count: "1" }), 409);
  for (const count of ["0", "x", "1e9", "-1"]) {
    assertEquals(await scene.order("queues/default/kick", { count }), 409);
  }
  assertEquals(await scene.order("queues/default/else"), 404);
});

Deno.test("QueueDashboard changes nothing without the token, or by a forged form", async () => {
  await using open = await Scene.start();
  await using shut = await Scene.start("secret");
  for (const [scene, status] of [[open, 403], [shut, 401]] as const) {
    await scene.world.push("a");
    for (const path of ["jobs/1/delete", "queues/default/pause"]) {
      assertEquals(await scene.order(path), status);
    }
    assertEquals((await scene.world.store.peek(1))?.state, "ready");
    assertEquals(scene.world.store.tubeStats("default")?.pauses, 0);
  }
  await shut.browser.logIn("secret");
  assertEquals((await shut.browser.post("/dashboard/jobs/1/delete", {})).status, 403);
  assertEquals((await shut.browser.get("/dashboard/jobs/1/delete")).status, 404);
  assertEquals((await shut.world.store.peek(1))?.state, "ready");
});
