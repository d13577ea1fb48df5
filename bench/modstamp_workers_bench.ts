/**
 * The modstamp server with one process and with several on one port: queries a second, and what
 * a query takes of a core, which has to stay the same for the rate to grow with the cores. The
 * load takes its share of the machine, too. Medians of five runs taken in turn. Linux only.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { threadTimes } from "./thread_times.ts";

const RUNS = 5;
/** Clients stick to a worker by their ports: so many are dealt out evenly enough. */
const CLIENTS = 16;
/** Enough in flight for each worker to be given whole batches, as busy ones are. */
const WINDOW = "24";
const QUERIES = 20_000;

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("udp_load.c", folder);
if (load === null) {
  console.error("Cannot measure as there is no C compiler");
  Deno.exit(1);
}

interface Row {
  name: string;
  server: PeerProcess;
  rates: number[];
  costs: number[];
}

async function serve(name: string, ...flags: string[]): Promise<Row> {
  const server = await PeerProcess.start({
    program: here("../modstamp/server.ts"),
    args: ["--port", "0", "--hostname", "127.0.0.1", "--store", "memory:", ...flags],
    port: /listening on .*:(\d+) /,
  });
  return { name, server, rates: [], costs: [] };
}

/** Processor time of a server and its workers, in milliseconds. */
function cpuOf(pid: number): number {
  return [...threadTimes(pid).values()].reduce((sum, ms) => sum + ms, 0);
}

async function run({ server, rates, costs }: Row): Promise<void> {
  const before = cpuOf(server.pid);
  const start = performance.now();
  const args = [String(server.port), WINDOW, String(QUERIES), "query"];
  await Promise.all(Array.from({ length: CLIENTS }, () => measure(load!, args)));
  const count = CLIENTS * QUERIES;
  rates.push(1000 * count / (performance.now() - start));
  costs.push(1000 * (cpuOf(server.pid) - before) / count);
}

const cores = navigator.hardwareConcurrency;
const rows = [
  await serve("one process"),
  await serve("--workers 1", "--workers", "1"),
  await serve(`--workers ${cores}`, "--workers", String(cores)),
];
for (let i = 0; i < RUNS; i++) for (const row of rows) await run(row);
console.log(`${cores} cores, which the load shares; ${CLIENTS} clients with ${WINDOW} in flight`);
for (const { name, rates, costs } of rows) {
  const ratio = median(rates.map((rate, i) => rate / rows[0].rates[i]));
  console.log(
    `${name.padEnd(16)}${String(Math.round(median(rates))).padStart(9)} queries /s  ` +
      `${ratio.toFixed(2)} × one process, ${median(costs).toFixed(2)} µs of a core each`,
  );
}
for (const { server } of rows) await server.stop();
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
