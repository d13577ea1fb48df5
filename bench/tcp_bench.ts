/**
 * TCP over loopback: echoes of 64 bytes, each connection with one in flight, bare and on the event
 * loop, by poller. The first row is what the others are compared with. Medians of five runs taken
 * in turn.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { printRatios } from "./print_ratios.ts";
import { here, measure, PeerProcess } from "./process.ts";

const RUNS = 5;
const SECONDS = "2";
const BYTES = "64";
const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("tcp_load.c", folder) ?? here("tcp_load.ts");
const echo = await compile("tcp_echo.c", folder);
const peers: [name: string, process: PeerProcess][] = [];
const add = async (name: string, options: Parameters<typeof PeerProcess.start>[0]) =>
  void peers.push([name, await PeerProcess.start(options)]);

await add("echo on Deno.listen", { program: here("peers/deno_tcp_echo.ts") });
if (echo !== null) await add("echo in C", { program: echo });
await add("echo on node:net (Node)", { program: "node", args: [here("peers/node_tcp_echo.mjs")] });
for (const poller of ["epoll", "portable"]) {
  const options = { program: here("peers/loop_tcp_echo.ts"), env: { SLUICE_POLLER: poller } };
  await add(`echo on the loop, ${poller}`, options);
}

for (const connections of ["1", "100", "900"]) {
  const rates: number[][] = peers.map(() => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [i, [, { port }]] of peers.entries()) {
      const args = [String(port), connections, SECONDS, BYTES];
      rates[i].push((await measure<{ perSecond: number }>(load, args)).perSecond);
    }
  }
  console.log(`${connections} connections`);
  printRatios(peers.map(([name]) => name), rates);
}
for (const [, process] of peers) await process[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
