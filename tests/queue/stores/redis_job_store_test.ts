import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisJobStore, type ReservedJob, StoreError } from "../../../queue/mod.ts";
import { RedisServer, testRedis } from "../../redis/redis_server.ts";

const FAST = { minBackoffMs: 5, maxBackoffMs: 20, callTimeoutMs: 60_000 };
const DURABLE = { args: ["--appendonly", "yes", "--appendfsync", "always"] };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf({ body }: { body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

testRedis("RedisJobStore gives each job to one of several owners", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisJobStore.open(server.url, FAST);
  await using two = await RedisJobStore.open(server.url, FAST);
  const owners = [one, two];
  const seen: string[] = [];
  const stop = new AbortController();
  const workers = [...owners, ...owners].map(async (store) => {
    while (seen.length < 600) {
      const jobs = await store.reserve({ tubes: ["t"], max: 7, signal: stop.signal }).catch(
        () => [],
      );
      for (const job of jobs) {
        seen.push(textOf(job));
        assert(await store.complete(job));
      }
    }
    stop.abort();
  });
  for (let i = 0; i < 600; i += 2) {
    await one.push({ body: bytesOf(String(i)), tube: "t" });
    await two.push({ body: bytesOf(String(i + 1)), tube: "t" });
  }
  await Promise.all(workers);
  assertEquals(new Set(seen).size, 600);
  assertEquals(seen.length, 600);
});

testRedis("RedisJobStore wakes who waits at another owner, and tells it how jobs end", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisJobStore.open(server.url, FAST);
  await using two = await RedisJobStore.open(server.url, FAST);
  const waiting = two.reserve({ tubes: ["default"] });
  const { id } = await one.push({ body: bytesOf("hello") });
  const told: unknown[] = [];
  const settled = new Promise((resolve) =>
    one.observe(id, { progress: (value) => void told.push(...value), settled: resolve })
  );
  assertEquals(await one.outcome(id), null);
  const [job] = await waiting;
  await two.progress(job, Uint8Array.of(50));
  await two.complete(job, { result: bytesOf("done") });
  assertEquals(await settled, { state: "completed", result: bytesOf("done") });
  assertEquals(told, [50]);
  await two.push({ body: bytesOf("kept"), keepResultMs: 60_000 });
  const [kept] = await two.reserve({ tubes: ["default"] });
  await two.complete(kept, { result: bytesOf("\n42") });
  assertEquals(await one.outcome(kept.id), { state: "completed", result: bytesOf("\n42") });
});

testRedis("RedisJobStore gives a job that a dead owner held to another", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisJobStore.open(server.url, FAST);
  await one.push({ body: bytesOf("orphan"), ttrMs: 50 });
  const dead = await RedisJobStore.open(server.url, FAST);
  await dead.reserve({ tubes: ["default"] });
  dead.close();
  const [job] = await one.reserve({ tubes: ["default"] });
  assertEquals([textOf(job), job.attempts, job.timeouts], ["orphan", 2, 1]);
});

testRedis("RedisJobStore sees the counters of other owners", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisJobStore.open(server.url, { ...FAST, maxJobs: 2 });
  await using two = await RedisJobStore.open(server.url, { ...FAST, maxJobs: 2 });
  await one.push({ body: bytesOf("a"), tube: "x" });
  await one.push({ body: bytesOf("b"), tube: "y" });
  while (two.stats().ready < 2) await two.peek(1);
  assertEquals(two.tubes().toSorted(), ["x", "y"]);
  await assertRejects(() => two.push({ body: bytesOf("c") }));
  const room = two.whenRoom();
  await one.delete(1);
  await room;
  await two.push({ body: bytesOf("c") });
  const empty = one.whenEmpty("y");
  const [job] = await two.reserve({ tubes: ["y"] });
  await two.complete(job);
  await empty;
});

testRedis("RedisJobStore loses nothing acknowledged to kills of Redis under load", async () => {
  await using server = await RedisServer.start(DURABLE);
  await using one = await RedisJobStore.open(server.url, FAST);
  await using two = await RedisJobStore.open(server.url, FAST);
  const pushed = new Set<string>();
  const completed: string[] = [];
  let isOver = false;
  const pushers = [one, two].map(async (store, who) => {
    for (let i = 0; !isOver; i++) {
      const text = `${who}.${i}`;
      // Sent again when the connection was lost, but stored once.
      await store.push({ body: bytesOf(text), ttrMs: 1000 });
      pushed.add(text);
    }
  });
  const stop = new AbortController();
  const workers = [one, two].map(async (store) => {
    const { signal } = stop;
    for (;;) {
      let jobs: ReservedJob[];
      try {
        jobs = await store.reserve({ tubes: ["default"], max: 5, signal });
      } catch {
        return;
      }
      for (const job of jobs) if (await store.complete(job)) completed.push(textOf(job));
    }
  });
  for (let kill = 0; kill < 4; kill++) {
    const goal = pushed.size + 200;
    while (pushed.size < goal) await one.peek(1);
    await server.kill();
    await server.restart();
  }
  isOver = true;
  await Promise.all(pushers);
  await one.whenEmpty("default");
  stop.abort();
  await Promise.all(workers);
  assertEquals(completed.length, pushed.size);
  assertEquals(new Set(completed), pushed);
});

testRedis(
  "RedisJobStore survives a failover to a replica that has what was acknowledged",
  async () => {
    await using master = await RedisServer.start({ args: ["--repl-diskless-sync-delay", "0"] });
    await using replica = await RedisServer.start({
      args: ["--replicaof", "127.0.0.1", String(master.port)],
    });
    while (!(await replica.ask("INFO", "replication")).includes("master_link_status:up"));
    const url = `redis://127.0.0.1:${master.port},127.0.0.1:${replica.port}`;
    await using store = await RedisJobStore.open(url, { ...FAST, replicas: 1 });
    const jobs = Array.from({ length: 200 }, (_, i) => ({ body: bytesOf(String(i)) }));
    await store.pushMany(jobs);
    await master.kill();
    await replica.ask("REPLICAOF", "NO", "ONE");
    await using witness = await RedisJobStore.open(url, FAST);
    const taken = await witness.reserve({ tubes: ["default"], max: 500 });
    assertEquals(taken.map(textOf), jobs.map(textOf));
    await assertRejects(
      () => store.push({ body: bytesOf("alone") }),
      StoreError,
      "Cannot be sure of jobs as 0 of 1 replicas of Redis have them",
    );
  },
);

testRedis("RedisJobStore works a full Redis off, and takes jobs again", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisJobStore.open(server.url, FAST);
  await store.push({ body: bytesOf("before") });
  await server.ask("CONFIG", "SET", "maxmemory", "1");
  await assertRejects(
    () => store.push({ body: bytesOf("refused") }),
    StoreError,
    `Cannot use job store as Redis fails: Cannot use Redis at 127.0.0.1:${server.port} ` +
      "as its memory is full",
  );
  const [job] = await store.reserve({ tubes: ["default"] });
  assertEquals([textOf(job), await store.complete(job)], ["before", true]);
  await server.ask("CONFIG", "SET", "maxmemory", "0");
  await store.push({ body: bytesOf("after") });
  assertEquals(textOf((await store.reserve({ tubes: ["default"] }))[0]), "after");
});

testRedis("RedisJobStore tells when Redis hangs, and goes on when it comes back", async () => {
  await using server = await RedisServer.start();
  const options = { ...FAST, connectTimeoutMs: 200, callTimeoutMs: 300, patienceMs: 60_000 };
  // On a slow machine this takes longer, too.
  const open = () => RedisJobStore.open(server.url, options).catch(() => null);
  let opened: RedisJobStore | null = null;
  while (opened === null) opened = await open();
  await using store = opened;
  const waiting = store.reserve({ tubes: ["default"] });
  server.pause();
  const error = await assertRejects(() => store.push({ body: bytesOf("a") }), StoreError);
  assertEquals(error.code, "failed");
  server.resume();
  const push = () => store.push({ body: bytesOf("b") }).then(() => true, () => false);
  while (!await push());
  const [job] = await waiting;
  assert(["a", "b"].includes(textOf(job)));
});

testRedis("RedisJobStore.open() says what is wrong, without the password", async () => {
  await using server = await RedisServer.start({ password: "right" });
  const error = await assertRejects(
    () => RedisJobStore.open(server.url.replace("right", "wrong-one")),
    StoreError,
    "as the user or password is wrong",
  );
  assertEquals(Deno.inspect(error).includes("wrong-one"), false);
});

testRedis("RedisJobStore.open() refuses jobs of a layout that it does not know", async () => {
  await using server = await RedisServer.start();
  // The first layout had no number.
  await server.ask("SET", "{queue}:id", "1");
  await server.ask("ZADD", "{queue}:leases", "1", "00000000000001");
  const open = () => RedisJobStore.open(server.url);
  const message = "Cannot use the jobs in Redis as they are of layout 1 instead of 2";
  const error = await assertRejects(open, StoreError, message);
  assertEquals(error.code, "corrupt");
  assertEquals(await server.ask("ZCARD", "{queue}:leases"), "1");
  await server.ask("FLUSHALL");
  await using store = await open();
  await store.push({ body: bytesOf("a") });
  await using _other = await open();
  await server.ask("SET", "{queue}:layout", "3");
  await assertRejects(open, StoreError, "of layout 3 instead of 2");
  await assertRejects(() => store.push({ body: bytesOf("b") }), StoreError, "of layout 3");
});

testRedis("RedisJobStore keeps the body of a job that is more than as it was pushed", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisJobStore.open(server.url, FAST);
  const bodies = ["", "\n", "a\nb", '{"t":1}\n\0'];
  await store.pushMany(bodies.map((body) => ({ body: bytesOf(body), priority: 7 })));
  const take = () => store.reserve({ tubes: ["default"], max: 10 });
  for (let round = 1; round <= 3; round++) {
    const jobs = await take();
    assertEquals(jobs.map(textOf), bodies);
    assertEquals(
      jobs.map(({ attempts, priority }) => [attempts, priority]),
      jobs.map(() => [round, 7]),
    );
    for (const job of jobs) assertEquals((await store.peek(job.id))?.attempts, round);
    await Promise.all(jobs.map((job) => store.release(job)));
    assertEquals((await store.list("default", { state: "ready" })).map(textOf), bodies);
  }
  const jobs = await take();
  assertEquals(await Promise.all([...jobs, jobs[0]].map((job) => store.complete(job))), [
    ...jobs.map(() => true),
    false,
  ]);
  assertEquals(await server.ask("EXISTS", "{queue}:jobs", "{queue}:metas", "{queue}:held"), "0");
});
