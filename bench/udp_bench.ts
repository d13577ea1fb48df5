/**
 * UDP over loopback: bare echoes, echoes on the bare poller and on the event loop, and modstamp
 * queries, by poller. The first row is what the others are compared with. Medians of five runs
 * taken in turn.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { printRatios } from "./print_ratios.ts";
import { here, measure, PeerProcess } from "./process.ts";

const RUNS = 5;
/** By how much fewer packets those get who take long. */
const SLOWER = 5;
const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("udp_load.c", folder) ?? here("udp_load.ts");
const echo = await compile("udp_echo.c", folder);
const modstamp = {
  program: here("../modstamp/server.ts"),
  args: ["--port", "0", "--hostname", "127.0.0.1", "--store", "memory:"],
  port: /listening on .*:(\d+) /,
};
const peers: [name: string, process: PeerProcess][] = [];
const add = async (name: string, options: Parameters<typeof PeerProcess.start>[0]) =>
  void peers.push([name, await PeerProcess.start(options)]);

if (echo !== null) await add("echo in C", { program: echo });
await add("echo on Deno.listenDatagram", { program: here("peers/deno_echo.ts") });
await add("echo on node:dgram (Node)", { program: "node", args: [here("peers/node_echo.mjs")] });
await add("echo on the bare poller, epoll", { program: here("peers/poller_echo.ts") });
for (const poller of ["epoll", "portable"]) {
  const env = { SLUICE_POLLER: poller };
  await add(`echo on the loop, ${poller}`, { program: here("peers/loop_echo.ts"), env });
  await add(`modstamp queries, ${poller}`, { ...modstamp, env });
}

for (const [window, most] of [[64, 150_000], [1, 15_000]]) {
  const rates: number[][] = peers.map(() => []);
  let lost = 0;
  for (let run = 0; run < RUNS; run++) {
    for (const [i, [name, { port }]] of peers.entries()) {
      const isFast = window === 1 || /epoll|in C/.test(name);
      const count = isFast ? most : most / SLOWER;
      const args = [String(port), String(window), String(count), "query"];
      const result = await measure<{ perSecond: number; lost: number }>(load, args);
      rates[i].push(result.perSecond);
      lost += result.lost;
    }
  }
  console.log(`${window} in flight, lost ${lost}`);
  printRatios(peers.map(([name]) => name), rates);
}
for (const [, process] of peers) await process[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
