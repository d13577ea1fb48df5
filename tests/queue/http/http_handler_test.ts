import { assertEquals } from "@std/assert";
import { type FetchHandler, MemoryJobStore, queueHandler } from "../../../queue/mod.ts";
import { World } from "../conformance/world.ts";

/** A handler over a store in memory. */
class Scene implements AsyncDisposable {
  readonly #world: World;
  readonly handler: FetchHandler;

  constructor(world: World, options: { token?: string; maxBodyBytes?: number }) {
    this.#world = world;
    this.handler = queueHandler({ store: world.store, ...options });
  }

  static async start(options: { token?: string; maxBodyBytes?: number } = {}): Promise<Scene> {
    const open = (loop: World["loop"]) => Promise.resolve(new MemoryJobStore({ loop, maxJobs: 3 }));
    return new Scene(await World.open(open), options);
  }

  get store(): World["store"] {
    return this.#world.store;
  }

  /** The status and the JSON of an answer. */
  async call(line: string, body?: unknown, headers?: HeadersInit): Promise<[number, unknown]> {
    const [method, path] = line.split(" ");
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const url = `http://localhost${path}`;
    const response = await this.handler(new Request(url, { method, headers, body: text }));
    return [response.status, await response.json()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }
}

Deno.test("queueHandler() pushes one job or many", async () => {
  await using scene = await Scene.start();
  const one = { job: "a", data: 1, queue: "q", key: "k" };
  assertEquals(await scene.call("POST /jobs", one), [200, { id: 1, duplicate: false }]);
  assertEquals(await scene.call("POST /jobs", one), [200, { id: 1, duplicate: true }]);
  const many = [{ job: "b" }, { job: "c", data: null }];
  const receipts = [{ id: 2, duplicate: false }, { id: 3, duplicate: false }];
  assertEquals(await scene.call("POST /jobs", many), [200, receipts]);
  const full = "Cannot push job as the queue is full: the limit is 3 jobs";
  assertEquals(await scene.call("POST /jobs", { job: "d" }), [503, { error: full }]);
});

Deno.test("queueHandler() shows, lists, kicks and deletes jobs", async () => {
  await using scene = await Scene.start();
  await scene.call("POST /jobs", { job: "a", data: [1], queue: "q/1", delayMs: 5000 });
  const [, shown] = await scene.call("GET /jobs/1");
  const { state, body, queue } = shown as Record<string, unknown>;
  assertEquals([state, body, queue], ["delayed", { job: "a", data: [1] }, "q/1"]);
  assertEquals(await scene.call("GET /queues/q%2F1/jobs?state=delayed"), [200, [shown]]);
  assertEquals(await scene.call("POST /jobs/1/kick"), [200, { kicked: true }]);
  assertEquals((await scene.call("POST /jobs/1/kick"))[0], 404);
  assertEquals(await scene.call("DELETE /jobs/1"), [200, { deleted: true }]);
  assertEquals((await scene.call("GET /jobs/1"))[0], 404);
});

Deno.test("queueHandler() kicks, pauses and resumes a queue", async () => {
  await using scene = await Scene.start();
  await scene.call("POST /jobs", [{ job: "a", delayMs: 9 }, { job: "b", delayMs: 9 }]);
  assertEquals(await scene.call("POST /queues/default/kick", { count: 5 }), [200, { kicked: 2 }]);
  assertEquals(await scene.call("POST /queues/default/pause"), [200, { paused: true }]);
  assertEquals(await scene.store.reserve({ tubes: ["default"], timeoutMs: 0 }), []);
  assertEquals(await scene.call("POST /queues/default/resume"), [200, { paused: false }]);
  const [job] = await scene.store.reserve({ tubes: ["default"], timeoutMs: 0 });
  assertEquals(job.id, 1);
  const [status, stats] = await scene.call("GET /queues/default");
  assertEquals([status, stats], [
    200,
    JSON.parse(JSON.stringify(scene.store.tubeStats("default"))),
  ]);
  assertEquals((await scene.call("GET /stats"))[0], 200);
});

Deno.test("queueHandler() refuses what is wrong", async () => {
  await using scene = await Scene.start({ maxBodyBytes: 100 });
  const wrong: [string, unknown, number][] = [
    ["POST /jobs", "{", 400],
    ["POST /jobs", { data: 1 }, 400],
    ["POST /jobs", { job: "a", priority: -1 }, 400],
    ["POST /jobs", { job: "a".repeat(200) }, 413],
    ["POST /queues/default/kick", { count: 0 }, 400],
    ["POST /queues/default/pause", { durationMs: "x" }, 400],
    ["PUT /jobs", {}, 404],
    ["POST /else", {}, 404],
  ];
  for (const [line, body, status] of wrong) {
    assertEquals((await scene.call(line, body))[0], status, line);
  }
});

Deno.test("queueHandler() serves only who shows the token", async () => {
  await using scene = await Scene.start({ token: "secret" });
  assertEquals((await scene.call("GET /stats"))[0], 401);
  for (const token of ["secre", "secrex", "secret2", ""]) {
    const headers = { authorization: `Bearer ${token}` };
    assertEquals((await scene.call("GET /stats", undefined, headers))[0], 401);
  }
  const headers = { authorization: "Bearer secret" };
  assertEquals((await scene.call("GET /stats", undefined, headers))[0], 200);
});

Deno.test("queueHandler() takes no orders from pages of other sites", async () => {
  await using scene = await Scene.start();
  for (const [site, status] of [["cross-site", 403], ["same-site", 403], ["same-origin", 200]]) {
    const headers = { "sec-fetch-site": String(site) };
    assertEquals((await scene.call("POST /jobs", { job: "a" }, headers))[0], status);
  }
  assertEquals(scene.store.stats().ready, 1);
});

Deno.test("queueHandler() shows the lines that were no jobs, where there is a line server", async () => {
  await using scene = await Scene.start();
  assertEquals((await scene.call("GET /lines"))[0], 404);
  const line = new TextEncoder().encode("nonsense");
  const stats = {
    connections: 1,
    refused: 0,
    jobs: 2,
    badLines: 1,
    timedOut: 0,
    handedBack: 0,
    fullWaits: 0,
    failures: 0,
  };
  const handler = queueHandler({
    store: scene.store,
    lines: {
      stats: () => stats,
      deadLines: () => [{ at: 0, from: "127.0.0.1:1", reason: "it is no JSON", line }],
    },
  });
  const response = await handler(new Request("http://localhost/lines"));
  const at = "1970-01-01T00:00:00.000Z";
  const deadLines = [{ at, from: "127.0.0.1:1", reason: "it is no JSON", text: "nonsense" }];
  assertEquals(await response.json(), { ...stats, deadLines });
});
