/**
 * The modstamp server over loopback: queries and durable changes a second by poller, beside a bare
 * echo on `Deno.listenDatagram`, and one change told to 10,000 subscribers. Medians of five runs
 * taken in turn.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { here, measure, median, PeerProcess } from "./process.ts";

const RUNS = 5;
const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("udp_load.c", folder) ?? here("udp_load.ts");

function server(poller: string, store: string): Promise<PeerProcess> {
  return PeerProcess.start({
    program: here("../modstamp/server.ts"),
    args: ["--port", "0", "--hostname", "127.0.0.1", "--store", store],
    port: /listening on .*:(\d+) /,
    env: { SLUICE_POLLER: poller },
  });
}

const echo = await PeerProcess.start({ program: here("peers/deno_echo.ts") });
const servers: Record<string, PeerProcess> = {};
for (const poller of ["portable", "epoll"]) {
  servers[`queries, ${poller}`] = await server(poller, "memory:");
  servers[`changes, ${poller}`] = await server(poller, `kv:${folder}/${poller}.db`);
}

/** What is measured: a row's name, the process and the load. */
const rows: [name: string, process: PeerProcess, load: string[]][] = [];
for (const [window, count] of [["64", "40000"], ["1", "10000"]]) {
  rows.push([`bare echo, ${window} in flight`, echo, [window, count, "query"]]);
  for (const poller of ["portable", "epoll"]) {
    const name = `queries, ${poller}`;
    rows.push([`${name}, ${window} in flight`, servers[name], [window, count, "query"]]);
  }
}
for (const poller of ["portable", "epoll"]) {
  const name = `changes, ${poller}`;
  const changes = servers[name];
  for (const [window, most] of [[64, 50_000], [1000, 100_000]]) {
    const count = String(poller === "epoll" ? most : most / 4);
    for (const [ids, text] of [["10", "10 ids"], [count, "all differ"]]) {
      const args = [String(window), count, "change", ids];
      rows.push([`${name}, ${window} in flight, ${text}`, changes, args]);
    }
  }
}

const rates: number[][] = rows.map(() => []);
let lost = 0;
for (let run = 0; run < RUNS; run++) {
  for (const [i, [, { port }, args]] of rows.entries()) {
    const result = await measure<{ perSecond: number; lost: number }>(load, [
      String(port),
      ...args,
    ]);
    rates[i].push(result.perSecond);
    lost += result.lost;
  }
}
let peer = 0;
for (const [i, [name]] of rows.entries()) {
  const rate = median(rates[i]);
  if (name.startsWith("bare echo")) peer = i;
  // Rates of one turn are compared with each other, as the machine's speed changes.
  const times = median(rates[i].map((each, run) => each / rates[peer][run])).toFixed(2);
  const ratio = i === peer || name.startsWith("changes") ? "" : `  ${times} × bare echo`;
  console.log(`${name.padEnd(48)}${String(rate).padStart(9)} /s${ratio}`);
}
console.log(`lost: ${lost}`);
const fanout = await compile("udp_fanout.c", folder);
const signal = await compile("udp_signal.c", folder);
const told: [name: string, process: PeerProcess][] = [];
if (fanout !== null && signal !== null) {
  told.push(["in C", await PeerProcess.start({ program: signal })]);
  for (const poller of ["epoll", "portable"]) told.push([poller, servers[`queries, ${poller}`]]);
}
let leastMs = 0;
for (const [name, { port }] of told) {
  const args = [String(port), "10000"];
  const { millis, p99, missed } = await measure<{ millis: number; p99: number; missed: number }>(
    fanout!,
    args,
  );
  leastMs ||= millis;
  console.log(
    `one change to 10,000 subscribers, ${name}: last signal after ${millis} ms, ` +
      `${(millis / leastMs).toFixed(2)} × in C, queries meanwhile p99 ${p99} ms, missed ${missed}`,
  );
}
await told[0]?.[1][Symbol.asyncDispose]();
for (const process of [echo, ...Object.values(servers)]) await process[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
