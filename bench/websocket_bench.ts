/**
 * WebSocket echo and broadcast over loopback beside a bare server in C, `Deno.upgradeWebSocket`,
 * npm's ws on Node and Socket.IO. A figure is the median of runs taken in turn, and a ratio that of
 * runs that followed each other; `SLUICE_BENCH_RUNS` and `SLUICE_BENCH_SECONDS` say how many and
 * how long. The load is the share of a processor that the load generator takes: near 1 it holds the
 * server back.
 *
 * @module
 */
import { measure, median } from "./process.ts";
import { WebSocketPeers } from "./websocket_peers.ts";

const RUNS = Number(Deno.env.get("SLUICE_BENCH_RUNS") ?? 5);
const SECONDS = Deno.env.get("SLUICE_BENCH_SECONDS") ?? "2";
const BYTES = "64";

await using peers = await WebSocketPeers.start();

for (const mode of ["echo", "broadcast"]) {
  for (const clients of ["100", "900"]) {
    const rates = peers.all.map((): number[] => []);
    const busy = peers.all.map((): number[] => []);
    for (let run = 0; run < RUNS; run++) {
      for (const [i, { process, args }] of peers.all.entries()) {
        const call = [String(process.port), clients, mode, SECONDS, BYTES, ...args];
        const measured = await measure<{ perSecond: number; busy: number }>(peers.load, call);
        rates[i].push(measured.perSecond);
        busy[i].push(measured.busy);
      }
    }
    console.log(`${mode}, ${clients} clients, ${BYTES} bytes`);
    for (const [i, { name }] of peers.all.entries()) {
      const ratio = median(rates[i].map((rate, run) => rates[0][run] / rate)).toFixed(2);
      const rate = String(median(rates[i])).padStart(9);
      const load = `load ${median(busy[i]).toFixed(2)}`;
      const compared = i === 0 ? "" : `  sluice is ${ratio} times that`;
      console.log(`  ${name.padEnd(26)}${rate} messages/s  ${load}${compared}`);
    }
  }
}
