/**
 * Queries and durable changes a second of the modstamp server, beside a bare UDP echo on
 * `Deno.listenDatagram`, over loopback. Medians of five runs, taken in turn.
 * SLUICE_POLLER chooses the poller of the server.
 *
 * @module
 */
import { measure, median, PeerProcess } from "./process.ts";

interface Load {
  perSecond: number;
  lost: number;
}

const RUNS = 5;
const here = (name: string): string => new URL(name, import.meta.url).pathname;
const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });

const echo = await PeerProcess.start([here("peers/deno_echo.ts")], {
  stream: "stdout",
  port: /^(\d+)$/,
});
const server = await PeerProcess.start(
  [here("../modstamp/server.ts"), "--port", "0", "--store", `kv:${folder}/bench.db`],
  { stream: "stderr", port: /listening on .*:(\d+) / },
);

/** What is measured: a row's name, the port and the load. */
const rows = [
  ["echo, 64 in flight", echo.port, ["64", "100000", "query"]],
  ["modstamp queries, 64 in flight", server.port, ["64", "100000", "query"]],
  ["echo, 1 in flight", echo.port, ["1", "20000", "query"]],
  ["modstamp queries, 1 in flight", server.port, ["1", "20000", "query"]],
  ["durable changes, 64 in flight, 10 ids", server.port, ["64", "50000", "change"]],
  ["durable changes, 1000 in flight, 10 ids", server.port, ["1000", "50000", "change"]],
  ["durable changes, 64 in flight, all ids differ", server.port, [
    "64",
    "50000",
    "change",
    "50000",
  ]],
] as const;

const rates: number[][] = rows.map(() => []);
let lost = 0;
// In turn, so that a machine that changes its speed changes all of them.
for (let run = 0; run < RUNS; run++) {
  for (const [i, [, port, load]] of rows.entries()) {
    const result = await measure<Load>([here("udp_load.ts"), String(port), ...load]);
    rates[i].push(result.perSecond);
    lost += result.lost;
  }
}
const medians = rates.map(median);
for (const [i, [name]] of rows.entries()) {
  const peer = name.includes("1 in flight") ? medians[2] : medians[0];
  const ratio = name.includes("queries") ? `  ${(medians[i] / peer).toFixed(2)} × echo` : "";
  console.log(`${name.padEnd(48)}${String(medians[i]).padStart(9)} /s${ratio}`);
}
console.log(`lost: ${lost}`);
await echo.process[Symbol.asyncDispose]();
await server.process[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
