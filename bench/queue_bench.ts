/**
 * The queue on a file beside Debian's beanstalkd and BullMQ on Redis: pushes and a worker within a
 * process, lines, and the beanstalk protocol. Medians of runs taken in turn. `SLUICE_BENCH_RUNS` says
 * how many, and `SLUICE_BENCH_PARTS` which parts: of `process,lines,beanstalk`, and `millions`, ten
 * of them or `SLUICE_BENCH_JOBS`, which takes minutes and runs only when it is named.
 *
 * @module
 */
import { RedisServer } from "../tests/redis/redis_server.ts";
import { Beanstalkd } from "./beanstalkd.ts";
import { compile } from "./compile.ts";
import { install } from "./install.ts";
import { here, measure, median } from "./process.ts";
import { measureMillions } from "./queue_millions.ts";
import { QueueServer } from "./queue_server.ts";

const RUNS = Number(Deno.env.get("SLUICE_BENCH_RUNS") ?? 3);
const PARTS = (Deno.env.get("SLUICE_BENCH_PARTS") ?? "process,lines,beanstalk").split(",");
const BYTES = "64";

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("queue_load.c", folder);
if (load === null) {
  console.error("There is no C compiler, which the load generator needs");
  Deno.exit(1);
}

function row(name: string, figure: string, ratio = ""): void {
  console.log(`  ${name.padEnd(34)}${figure.padStart(12)}  ${ratio}`);
}

function perSecond(rates: readonly number[]): string {
  return `${Math.round(median(rates))}/s`;
}

async function generate(port: number, ...args: string[]): Promise<number> {
  const call = [String(port), ...args, BYTES];
  return (await measure<{ perSecond: number }>(load!, call)).perSecond;
}

/** What Deno KV alone takes for a transaction of two entries on a file, in 99 of 100 cases. */
async function kvP99Ms(file: string): Promise<number> {
  using kv = await Deno.openKv(file);
  const times: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    const start = performance.now();
    await kv.atomic().set(["owner"], new Uint8Array(100)).set(["job", i], new Uint8Array(150))
      .commit();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[0.99 * times.length];
}

/** Within one process, on a file. */
async function measureProcess(): Promise<void> {
  const [pushes, alone, slots] = ["200000", "10000", "50"];
  const own: Record<"pushPerSecond" | "aloneP99Ms" | "workPerSecond", number>[] = [];
  const bare: number[] = [];
  const theirs: number[] = [];
  const hasBull = await install(folder, "bullmq@6", "ioredis@5");
  for (let run = 0; run < RUNS; run++) {
    const file = `${folder}/process${run}.db`;
    bare.push(await kvP99Ms(`${folder}/bare${run}.db`));
    own.push(await measure(here("peers/queue_sluice.ts"), [file, pushes, alone, slots]));
    if (!hasBull) continue;
    await using redis = await RedisServer.start({ args: [] });
    const args = [here("peers/redis_queue_bullmq.mjs"), folder, String(redis.port), "30000", slots];
    theirs.push((await measure<{ processPerSecond: number }>("node", args)).processPerSecond);
  }
  const work = own.map((each) => each.workPerSecond);
  console.log("Within a process, on a file");
  row("push, 100 in flight", perSecond(own.map((each) => each.pushPerSecond)));
  row("push, alone, 99 %", `${median(own.map((each) => each.aloneP99Ms)).toFixed(2)} ms`);
  row("Deno.Kv, two entries, alone, 99 %", `${median(bare).toFixed(2)} ms`);
  row(`JobWorker, ${slots} slots`, perSecond(work));
  if (!hasBull) return console.log("  (npm can't install bullmq)");
  const ratio = `sluice is ${(median(work) / median(theirs)).toFixed(1)} times that`;
  row(`BullMQ on Redis in memory, ${slots} slots`, perSecond(theirs), ratio);
}

/** The line protocol. */
async function measureLines(): Promise<void> {
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await using server = await QueueServer.start(`${folder}/lines${run}.db`);
    rates.push(await generate(server.line, "lines", "300000", "1", "1"));
  }
  console.log(`Lines of ${BYTES} bytes and JSON around them, until all are durable`);
  row("sluice", perSecond(rates));
}

/** Whom the load generator asks. */
interface Peer {
  readonly name: string;
  /** How many jobs each load has when there is more than one at a time. */
  readonly jobs: number;
  start(run: number): Promise<AsyncDisposable & { readonly port: number }>;
}

const LOADS = [
  ["put", 1, 100],
  ["work", 1, 100],
  ["put", 50, 1],
  ["work", 50, 1],
  ["put", 1, 1],
  ["work", 1, 1],
] as const;

function beanstalkd(args: readonly string[], jobs: number): Peer {
  return {
    name: `beanstalkd ${args.join(" ") || "without a log"}`,
    jobs,
    async start() {
      const log = await Deno.makeTempDir({ dir: folder });
      return await Beanstalkd.start(args.length > 0 ? ["-b", log, ...args] : []);
    },
  };
}

/** All loads on one server, where each works off what the one before has put. */
async function loadAll(peer: Peer, run: number): Promise<number[]> {
  await using server = await peer.start(run);
  const rates: number[] = [];
  // The first two are to warm it up.
  for (const [kind, connections, window] of [...LOADS.slice(0, 2), ...LOADS]) {
    const jobs = connections * window > 1 ? peer.jobs : peer.jobs / 20;
    rates.push(await generate(server.port, kind, String(jobs), `${connections}`, `${window}`));
  }
  return rates.slice(2);
}

/** The beanstalk protocol. */
async function measureBeanstalk(): Promise<void> {
  const file = (run: number): string => `${folder}/beanstalk${run}.db`;
  const peers: Peer[] = [{
    name: "sluice",
    jobs: 60_000,
    start: (run: number) => QueueServer.start(file(run)),
  }];
  if (!Beanstalkd.installed) console.log("  (beanstalkd is not installed)");
  else {
    // The one that syncs each write would take minutes for as many.
    peers.push(beanstalkd(["-f", "0"], 10_000));
    peers.push(beanstalkd(["-f", "50"], 60_000), beanstalkd([], 60_000));
  }
  const rates = peers.map((): number[][] => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [i, peer] of peers.entries()) rates[i].push(await loadAll(peer, run));
  }
  for (const [j, [kind, connections, window]] of LOADS.entries()) {
    const what = kind === "put" ? "Puts" : "Reserve and delete";
    console.log(`${what}, ${connections} connections with ${window} pipelined`);
    const medians = rates.map((runs) => median(runs.map((each) => each[j])));
    for (const [i, { name }] of peers.entries()) {
      const ratio = `sluice is ${(medians[0] / medians[i]).toFixed(2)} times that`;
      row(name, perSecond([medians[i]]), i === 0 ? "" : ratio);
    }
  }
}

if (PARTS.includes("process")) await measureProcess();
if (PARTS.includes("lines")) await measureLines();
if (PARTS.includes("beanstalk")) await measureBeanstalk();
if (PARTS.includes("millions")) await measureMillions(`${folder}/millions.db`, generate);
await Deno.remove(folder, { recursive: true });
