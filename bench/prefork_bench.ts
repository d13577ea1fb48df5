/**
 * Requests a second that workers of the supervisor serve, beside other ways of running so many
 * processes; what a request takes of a core; and the busiest worker's part of the work, as workers
 * that idle serve nothing. Medians of runs taken in turn; `SLUICE_RUNS` is their number (9), and
 * `SLUICE_BENCH_PARTS` says which parts: of `keep,new,work`. Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { type PreforkPeer, startPreforkPeers } from "./prefork_peers.ts";
import { measure, median } from "./process.ts";
import { compileLoad, type Load } from "./supervised.ts";
import { threadTimes } from "./thread_times.ts";

const RUNS = Number(Deno.env.get("SLUICE_RUNS") ?? 9);
const PARTS = (Deno.env.get("SLUICE_BENCH_PARTS") ?? "keep,new,work").split(",");
const TITLES: Record<string, string> = {
  keep: "kept-alive connections",
  new: "new connections",
  work: "kept-alive connections, an application that works for about 0.1 ms a request",
};
const WORKERS = 2;
const SECONDS = "1";
const CLIENTS = "64";

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compileLoad(folder);
const loop = new EventLoop();
let peers: PreforkPeer[] = [];
// They are in other sessions, where Ctrl-C doesn't reach them.
Deno.addSignalListener("SIGINT", () => {
  for (const { processes } of peers) for (const process of processes) process.signal("SIGTERM");
  Deno.exit(130);
});

interface Sample {
  perSecond: number;
  costMicros: number;
  busiest: number;
}

async function sample({ port, processes }: PreforkPeer, kind: string): Promise<Sample> {
  const times = (): Map<string, number> =>
    new Map(processes.flatMap(({ pid }) => [...threadTimes(pid)]));
  const before = times();
  const { perSecond, answers } = await measure<Load>(load, [String(port), CLIENTS, SECONDS, kind]);
  const grown = [...times()].map(([thread, ms]) => ms - (before.get(thread) ?? 0));
  const sum = grown.reduce((sum, ms) => sum + ms, 0);
  return { perSecond, costMicros: 1000 * sum / answers, busiest: Math.max(...grown) / sum };
}

async function measurePart(part: string): Promise<void> {
  const works = part === "work";
  peers = await startPreforkPeers({ loop, workers: WORKERS, works, folder });
  await loop.sleep(2000);
  const samples: Sample[][] = peers.map(() => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [i, peer] of peers.entries()) {
      samples[i].push(await sample(peer, part === "new" ? "new" : "keep"));
    }
  }
  console.log(`${WORKERS} workers, ${TITLES[part]}`);
  for (const [i, { name }] of peers.entries()) {
    const all = samples[i];
    const rate = Math.round(median(all.map(({ perSecond }) => perSecond)));
    const ratio = median(all.map(({ perSecond }, run) => perSecond / samples[0][run].perSecond));
    const cost = median(all.map(({ costMicros }) => costMicros)).toFixed(1);
    const busiest = Math.round(100 * median(all.map(({ busiest }) => busiest)));
    console.log(
      `  ${name.padEnd(24)}${String(rate).padStart(7)} /s  ${ratio.toFixed(2)} × by hand, ` +
        `${cost.padStart(5)} µs of a core each, ${busiest} % by the busiest thread`,
    );
  }
  for (const { processes } of peers) for (const process of processes) await process.stop();
}

const unknown = PARTS.find((part) => !(part in TITLES));
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}: there are ${Object.keys(TITLES).join(", ")}`);
  Deno.exit(2);
}
for (const part of PARTS) await measurePart(part);
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
