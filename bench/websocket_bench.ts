/**
 * WebSocket echo and broadcast over loopback beside a bare server in C, `Deno.upgradeWebSocket`,
 * npm's ws on Node and Socket.IO, and the memory of an idle connection. Medians of runs taken in
 * turn; `SLUICE_BENCH_RUNS` and `SLUICE_BENCH_SECONDS` say how many and how long.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { install } from "./install.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { TextLineStream } from "./text_line_stream.ts";

const RUNS = Number(Deno.env.get("SLUICE_BENCH_RUNS") ?? 3);
const SECONDS = Deno.env.get("SLUICE_BENCH_SECONDS") ?? "2";
const BYTES = "64";
const WARM_UP_CLIENTS = 200;
const IDLE_CLIENTS = 4000;

interface Peer {
  readonly name: string;
  readonly process: PeerProcess;
  readonly args: string[];
}

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("ws_load.c", folder);
if (load === null) {
  console.error("There is no C compiler, which the load generator needs");
  Deno.exit(1);
}

const peers: Peer[] = [];
async function add(
  name: string,
  options: Parameters<typeof PeerProcess.start>[0],
  args: string[] = [],
): Promise<void> {
  peers.push({ name, process: await PeerProcess.start(options), args });
}

const bare = await compile("ws_echo.c", folder);
await add("sluice", { program: here("peers/ws_sluice.ts") });
const portable = { SLUICE_POLLER: "portable" };
await add("sluice, portable poller", { program: here("peers/ws_sluice.ts"), env: portable });
await add("sluice, mounted", { program: here("peers/ws_mounted.ts") });
await add("Deno.upgradeWebSocket", { program: here("peers/ws_deno.ts") });
if (await install(folder, "ws@8", "socket.io@4")) {
  await add("ws (Node)", { program: "node", args: [here("peers/ws_node.mjs"), folder] });
  const socketio = { program: "node", args: [here("peers/ws_socketio.mjs"), folder] };
  await add("Socket.IO (Node)", socketio, ["socketio"]);
}
if (bare !== null) await add("C, without checks", { program: bare });

async function residentKib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
}

/** Connects and stays. */
async function holdIdle({ process, args }: Peer, clients: number): Promise<Deno.ChildProcess> {
  const call = [String(process.port), String(clients), "idle", "0", BYTES, ...args];
  const child = new Deno.Command(load!, { args: call, stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  await lines.getReader().read();
  return child;
}

/** What a connection takes of a process that has had a few, and nothing else to do so far. */
async function idleKib(peer: Peer): Promise<number> {
  const first = await holdIdle(peer, WARM_UP_CLIENTS);
  const before = await residentKib(peer.process.pid);
  const others = await holdIdle(peer, IDLE_CLIENTS);
  const after = await residentKib(peer.process.pid);
  for (const child of [first, others]) {
    child.kill();
    await child.status;
  }
  return (after - before) / IDLE_CLIENTS;
}

console.log(`Memory of an idle connection, ${IDLE_CLIENTS} of them in processes just started`);
for (const peer of peers) {
  console.log(`  ${peer.name.padEnd(26)}${(await idleKib(peer)).toFixed(1).padStart(9)} KiB`);
}

for (const mode of ["echo", "broadcast"]) {
  for (const clients of ["100", "900"]) {
    const rates = peers.map((): number[] => []);
    for (let run = 0; run < RUNS; run++) {
      for (const [i, { process, args }] of peers.entries()) {
        const call = [String(process.port), clients, mode, SECONDS, BYTES, ...args];
        rates[i].push((await measure<{ perSecond: number }>(load, call)).perSecond);
      }
    }
    console.log(`${mode}, ${clients} clients, ${BYTES} bytes`);
    const own = median(rates[0]);
    for (const [i, { name }] of peers.entries()) {
      const rate = median(rates[i]);
      const ratio = i === 0 ? "" : `  sluice is ${(own / rate).toFixed(2)} times that`;
      console.log(`  ${name.padEnd(26)}${String(rate).padStart(9)} messages/s${ratio}`);
    }
  }
}

for (const { process } of peers) await process[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
