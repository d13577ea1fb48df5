/**
 * What it costs to be observed: queries and changes of modstamp, and jobs in memory, without and
 * with metrics for Prometheus. Medians of runs taken in turn; for modstamp also the processor time
 * of the server, which what else the machine does disturbs less.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { sampleProcess } from "./process_sample.ts";

const RUNS = Number(Deno.env.get("SLUICE_BENCH_RUNS") ?? 5);
const JOBS = "200000";
const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("udp_load.c", folder) ?? here("udp_load.ts");

function server(flags: string[]): Promise<PeerProcess> {
  const common = ["--port", "0", "--hostname", "127.0.0.1", "--store", "memory:"];
  return PeerProcess.start({
    program: here("../modstamp/server.ts"),
    args: [...common, ...flags],
    port: /listening on .*:(\d+) \(udp\)/,
  });
}

interface Cost {
  perSecond: number;
  cpuMs: number;
}

async function cost({ pid, port }: PeerProcess, args: string[]): Promise<Cost> {
  const before = sampleProcess(pid).cpuMs;
  const { perSecond } = await measure<{ perSecond: number }>(load, [String(port), ...args]);
  return { perSecond, cpuMs: sampleProcess(pid).cpuMs - before };
}

/** The median of what the second costs in terms of the first, run by run. */
function ratio(costs: [Cost, Cost][], of: keyof Cost): string {
  return median(costs.map(([bare, observed]) => observed[of] / bare[of])).toFixed(2);
}

const bare = await server([]);
const observed = await server(["--http", "0"]);
for (
  const [name, args] of [["queries", ["64", "100000", "query"]], ["changes", [
    "64",
    "50000",
    "change",
  ]]] as const
) {
  const costs: [Cost, Cost][] = [];
  for (let run = 0; run < RUNS; run++) {
    costs.push([await cost(bare, [...args]), await cost(observed, [...args])]);
  }
  console.log(
    `modstamp ${name}: observed ${ratio(costs, "perSecond")} × as many a second, ` +
      `${ratio(costs, "cpuMs")} × the processor time`,
  );
}
for (const process of [bare, observed]) await process[Symbol.asyncDispose]();
const jobs: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const program = here("peers/queue_observed.ts");
  const [without, withIt] = [
    await measure<{ perSecond: number }>(program, ["bare", JOBS]),
    await measure<{ perSecond: number }>(program, ["observed", JOBS]),
  ];
  jobs.push(withIt.perSecond / without.perSecond);
}
console.log(`jobs in memory, pushed and completed: ${median(jobs).toFixed(2)} × as many a second`);
await Deno.remove(folder, { recursive: true });
