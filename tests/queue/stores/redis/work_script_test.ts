import { assertEquals } from "@std/assert";
import { RedisJobStore } from "../../../../queue/mod.ts";
import { type Header, readBatchReply } from "../../../../queue/stores/redis/batch_reply.ts";
import type { ToldJob } from "../../../../queue/stores/redis/job_meta.ts";
import { WORK_SCRIPT } from "../../../../queue/stores/redis/work_script.ts";
import { RedisConnection } from "../../../../redis/mod.ts";
import { RedisServer, testRedis } from "../../../redis/redis_server.ts";

/** Sends a batch with one sequence number. */
async function send(redis: RedisConnection, ...ops: unknown[]): Promise<[Header, ToldJob[]]> {
  const args = ["me", "1", String(Date.now()), JSON.stringify(ops), "", "100"];
  const reply = await redis.run(WORK_SCRIPT, { keys: ["{queue}:"], args });
  return readBatchReply(reply as readonly Uint8Array[]);
}

testRedis(
  "WORK_SCRIPT does a batch once that is sent again, and answers as jobs stand",
  async () => {
    await using server = await RedisServer.start();
    await using store = await RedisJobStore.open(server.url);
    await using redis = await RedisConnection.open(server.url);
    const bodies = ["a", "b", "c"].map((text) => new TextEncoder().encode(text));
    await store.pushMany(bodies.map((body) => ({ body })));
    const batch = ["reserve", ["default"], 3];
    const [first, given] = await send(redis, batch);
    assertEquals([first.r, first.l], [[3], 1]);
    assertEquals(given.map(({ id, meta, body }) => [id, meta?.s, body]), [
      [1, undefined, bodies[0]],
      [2, undefined, bodies[1]],
      [3, undefined, bodies[2]],
    ]);
    const [second, told] = await send(redis, batch);
    assertEquals(second, first);
    assertEquals(
      told.map(({ id, meta, body }) => [id, meta?.s, [meta?.a, meta?.l], body]),
      bodies.map((body, i) => [i + 1, "reserved" as const, [1, 1], body]),
    );
    // Meanwhile the reservations of two are over.
    await redis.call(["HDEL", "{queue}:held", "00000000000001"]);
    await redis.call(["HDEL", "{queue}:jobs", "00000000000002"]);
    const [, later] = await send(redis, batch);
    assertEquals(later.map(({ meta }) => [meta?.s, meta?.l]), [
      ["ready", undefined],
      [undefined, undefined],
      ["reserved", 1],
    ]);
    assertEquals(later[1].meta, null);
  },
);

testRedis("WORK_SCRIPT gives fewer jobs out when their bodies are large", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisJobStore.open(server.url);
  const body = new Uint8Array(65_536);
  await store.pushMany(Array.from({ length: 250 }, () => ({ body })));
  const counts: number[] = [];
  for (let left = 250; left > 0; left -= counts.at(-1)!) {
    counts.push((await store.reserve({ tubes: ["default"], max: 250 })).length);
  }
  assertEquals(counts, [100, 100, 50]);
});
