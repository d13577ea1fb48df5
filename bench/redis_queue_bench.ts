/**
 * Jobs in Redis beside BullMQ on Node: added 1000 at a time, and processed by one process with 100
 * slots. Both on the same redis-server, in turn, each run on an empty one; medians.
 * `SLUICE_BENCH_RUNS` and `SLUICE_BENCH_JOBS` say how many runs and jobs.
 *
 * @module
 */
import { RedisServer } from "../tests/redis/redis_server.ts";
import { install } from "./install.ts";
import { here, measure, median } from "./process.ts";

const RUNS = Number(Deno.env.get("SLUICE_BENCH_RUNS") ?? 3);
const JOBS = Number(Deno.env.get("SLUICE_BENCH_JOBS") ?? 50_000);

interface Rates {
  addPerSecond: number;
  processPerSecond: number;
}

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
if (!await install(folder, "bullmq@6", "ioredis@5")) {
  console.error("Cannot install bullmq from npm");
  Deno.exit(1);
}
for (
  const [how, args] of [["in memory", []], ["appendonly yes", ["--appendonly", "yes"]]] as const
) {
  await using redis = await RedisServer.start({ args: [...args] });
  const [port, jobs] = [String(redis.port), String(JOBS)];
  const own: Rates[] = [];
  const theirs: Rates[] = [];
  for (let run = 0; run < RUNS; run++) {
    await redis.ask("FLUSHALL");
    own.push(await measure<Rates>(here("peers/redis_queue_sluice.ts"), [port, jobs]));
    await redis.ask("FLUSHALL");
    const peer = here("peers/redis_queue_bullmq.mjs");
    theirs.push(await measure<Rates>("node", [peer, folder, port, jobs, "100"]));
  }
  console.log(`${JOBS} jobs, Redis ${how}, medians of ${RUNS} runs`);
  for (const what of ["addPerSecond", "processPerSecond"] as const) {
    const [ours, peers] = [own, theirs].map((rates) => median(rates.map((each) => each[what])));
    const verb = what === "addPerSecond" ? "add" : "process";
    console.log(
      `  ${verb.padEnd(10)}sluice ${ours.toFixed(0).padStart(8)}/s  BullMQ ${
        peers.toFixed(0).padStart(8)
      }/s  ratio ${(ours / peers).toFixed(2)}`,
    );
  }
}
await Deno.remove(folder, { recursive: true });
