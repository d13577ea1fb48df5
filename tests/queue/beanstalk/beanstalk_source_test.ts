import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import {
  BeanstalkServer,
  BeanstalkSource,
  defineJobs,
  JobQueue,
  JobWorker,
  MemoryJobStore,
  StoreError,
} from "../../../queue/mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A server and a source in a simulated network. */
class Scene implements AsyncDisposable {
  readonly network = new SimulatedNetwork({ seed: 11 });
  readonly loop = new EventLoop({ poller: this.network.host("10.0.0.1").poller() });
  readonly workerLoop = new EventLoop({ poller: this.network.host("10.0.0.2").poller() });
  readonly store = new MemoryJobStore({ loop: this.loop });
  readonly source = new BeanstalkSource({ hostname: "10.0.0.1", loop: this.workerLoop });
  server!: BeanstalkServer;

  static async start(): Promise<Scene> {
    const scene = new Scene();
    await scene.listen();
    return scene;
  }

  async listen(): Promise<void> {
    const { loop, store } = this;
    this.server = await BeanstalkServer.listen({
      loop,
      store,
      hostname: "10.0.0.1",
      allow: ["10.0.0.0/8"],
    });
  }

  push(text: string, tube?: string): Promise<unknown> {
    return this.store.push({ body: encoder.encode(text), tube });
  }

  /** Waits in virtual time. */
  async when<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.finally(() => isSettled = true).catch(() => undefined);
    await this.network.until(() => isSettled);
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    this.network.close();
  }
}

Deno.test("BeanstalkSource.reserve() takes several jobs of the tubes that it is told", async () => {
  await using scene = await Scene.start();
  for (const text of ["a", "b", "c"]) await scene.push(text);
  await scene.push("other", "other");
  const jobs = await scene.when(scene.source.reserve({ tubes: ["default"], max: 10 }));
  assertEquals(jobs.map(({ body }) => decoder.decode(body)), ["a", "b", "c"]);
  assertEquals(jobs.map(({ tube, attempts, ttrMs }) => [tube, attempts, ttrMs])[0], [
    "default",
    1,
    60_000,
  ]);
  const [other] = await scene.when(scene.source.reserve({ tubes: ["other"] }));
  assertEquals([other.tube, decoder.decode(other.body)], ["other", "other"]);
});

Deno.test("BeanstalkSource.reserve() waits for a job, and gives up when it is told", async () => {
  await using scene = await Scene.start();
  const waiting = scene.source.reserve({ tubes: ["default"] });
  await scene.network.advance(5000);
  await scene.push("late");
  const [job] = await scene.when(waiting);
  assertEquals(decoder.decode(job.body), "late");
  assertEquals(await scene.when(scene.source.reserve({ tubes: ["default"], timeoutMs: 2000 })), []);
  const controller = new AbortController();
  const given = scene.source.reserve({ tubes: ["default"], signal: controller.signal });
  await scene.network.advance(1000);
  controller.abort(new TypeError("enough"));
  await assertRejects(() => scene.when(given), TypeError, "enough");
  assert(await scene.when(scene.source.complete(job)), "waiting has kept a job from being ended");
});

Deno.test("BeanstalkSource.reserve() gives up at whatever moment it is told", async () => {
  await using scene = await Scene.start();
  for (let delayMs = 0; delayMs < 60; delayMs++) {
    const controller = new AbortController();
    const given = scene.source.reserve({ tubes: ["default"], signal: controller.signal });
    scene.workerLoop.callLater(delayMs, () => controller.abort(new TypeError("enough")));
    await assertRejects(() => scene.when(given), TypeError, "enough");
  }
});

Deno.test("BeanstalkSource ends, gives back, buries and touches what it has reserved", async () => {
  await using scene = await Scene.start();
  for (let i = 0; i < 4; i++) await scene.push(`${i}`);
  const { source, store } = scene;
  const [a, b, c, d] = await scene.when(source.reserve({ tubes: ["default"], max: 4 }));
  assertEquals(await scene.when(source.touch(a)), true);
  assertEquals(await scene.when(source.complete(a)), true);
  assertEquals(await scene.when(source.complete(a)), false);
  assertEquals(await scene.when(source.release(b, { delayMs: 1500, priority: 5 })), true);
  assertEquals(await scene.when(source.bury(c)), true);
  assertEquals(await scene.when(source.progress(d)), true);
  const states = await Promise.all([a, b, c, d].map(({ id }) => store.peek(id)));
  assertEquals(states.map((job) => job?.state), [undefined, "delayed", "buried", "reserved"]);
  assertEquals([states[1]?.priority, states[1]?.delayMs], [5, 2000]);
});

Deno.test("BeanstalkSource fails clearly without a server, and goes on when there is one", async () => {
  await using scene = await Scene.start();
  await scene.push("a");
  const [job] = await scene.when(scene.source.reserve({ tubes: ["default"] }));
  await scene.server[Symbol.asyncDispose]();
  assertEquals(await scene.when(scene.source.complete(job)), false);
  const error = await assertRejects(
    () => scene.when(scene.source.reserve({ tubes: ["default"] })),
    StoreError,
    "Cannot ask 10.0.0.1:11300: Cannot connect to 10.0.0.1:11300",
  );
  assertEquals(error.code, "failed");
  await scene.listen();
  const [again] = await scene.when(scene.source.reserve({ tubes: ["default"] }));
  assertEquals([again.id, again.attempts], [job.id, 2]);
});

Deno.test("BeanstalkSource.reserve() fails when the source was closed", async () => {
  await using scene = await Scene.start();
  await scene.source[Symbol.asyncDispose]();
  const error = await assertRejects(
    () => scene.source.reserve({ tubes: ["default"] }),
    StoreError,
    "as the source was closed",
  );
  assertEquals(error.code, "closed");
});

Deno.test("JobWorker runs each job of a server once, over losses of the connection", async () => {
  await using scene = await Scene.start();
  const ran: number[] = [];
  const jobs = defineJobs({ note: (n: number) => void ran.push(n) });
  const queue = new JobQueue(jobs, { store: scene.store, loop: scene.loop });
  const { source, workerLoop: loop } = scene;
  const worker = new JobWorker(jobs, { source, loop, concurrency: 5 });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) await queue.push("note", 20 * round + i);
    await scene.network.until(() => ran.length >= 20 * round + 10);
    await scene.server[Symbol.asyncDispose]();
    await scene.network.advance(500);
    await scene.listen();
    await scene.network.until(() => scene.store.stats().totals.completed === 20 * (round + 1));
  }
  assertEquals(new Set(ran).size, 60);
  await scene.when(worker.stop());
});

Deno.test("JobWorker buries a job whose attempts were used up by workers that died of it", async () => {
  await using scene = await Scene.start();
  const jobs = defineJobs({ poison: { run: (_: null) => {}, maxAttempts: 2 } });
  await scene.push('{"job":"poison","data":null}');
  for (let i = 0; i < 2; i++) {
    const dying = new BeanstalkSource({ hostname: "10.0.0.1", loop: scene.workerLoop });
    await scene.when(dying.reserve({ tubes: ["default"] }));
    await dying[Symbol.asyncDispose]();
    await scene.network.until(() => scene.store.stats().ready === 1);
  }
  const { source, workerLoop: loop } = scene;
  const worker = new JobWorker(jobs, { source, loop });
  await scene.network.until(() => scene.store.stats().buried === 1);
  assertEquals(worker.stats().succeeded, 0);
  await scene.when(worker.stop());
});
