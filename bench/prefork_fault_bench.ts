/**
 * Faults under a supervisor: a worker that is killed under load, a supervisor that is killed with
 * workers that hang, how evenly connections are dealt out, and what an idle supervisor takes.
 * Medians of five runs. Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { median } from "./process.ts";
import { sampleProcess } from "./process_sample.ts";
import { compileLoad, failed, LoadRun, SupervisedPeer } from "./supervised.ts";

const RUNS = 5;
const CLIENTS = 16;
const IDLE_MS = 10_000;
const EVEN_WORKERS = 4;
const EVEN_CONNECTIONS = 4000;

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compileLoad(folder);
const loop = new EventLoop();

/** How long it takes until something holds, in milliseconds. */
async function timeUntil(holds: () => boolean): Promise<number> {
  const start = performance.now();
  while (!holds()) await loop.sleep(1);
  return performance.now() - start;
}

async function killedWorker(workers: number, spares: number): Promise<void> {
  const flags = ["-w", String(workers), "--spares", String(spares)];
  const peer = await SupervisedPeer.start(loop, ...flags);
  await peer.said(/: Ready/, workers);
  const run = LoadRun.start(load, { port: peer.port, clients: CLIENTS, kind: "new" });
  const times: number[] = [];
  for (let n = 1; n <= RUNS; n++) {
    // One that dies soon after it has booted is started again after a pause.
    await loop.sleep(2000);
    Deno.kill(peer.workers.at(-1)!, "SIGKILL");
    times.push(await timeUntil(() => peer.workers.length === workers + n));
  }
  const result = await run.stop();
  console.log(
    `a worker of ${workers} killed under ${Math.round(result.perSecond)} new connections /s, ` +
      `${spares} spares: the next one serves after ${Math.round(median(times))} ms (at most ` +
      `${Math.round(Math.max(...times))}); ${(failed(result) / RUNS).toFixed(1)} requests of ` +
      `${CLIENTS} clients failed a time`,
  );
  await peer.process.stop();
}

async function killedSupervisor(): Promise<void> {
  const times: number[] = [];
  for (let n = 1; n <= RUNS; n++) {
    const peer = await SupervisedPeer.start(loop, "-w", "3");
    await peer.said(/: Ready/, 3);
    const { workers } = peer;
    Deno.kill(workers[0], "SIGSTOP");
    Deno.kill(peer.process.pid, "SIGKILL");
    times.push(await timeUntil(() => !workers.some(isAlive) && isFree(peer.port)));
    await peer.process.ended();
  }
  console.log(
    `a supervisor killed with 3 workers, one of them stopped: all are gone and the port is free ` +
      `after ${Math.round(median(times))} ms (at most ${Math.round(Math.max(...times))})`,
  );
}

async function evenness(): Promise<void> {
  const peer = await SupervisedPeer.start(loop, "-w", String(EVEN_WORKERS));
  await peer.said(/: Ready/, EVEN_WORKERS);
  const by: Record<string, number> = {};
  let connections = 0;
  while (connections < EVEN_CONNECTIONS) {
    const run = LoadRun.start(load, { port: peer.port, clients: CLIENTS, kind: "new" });
    await loop.sleep(500);
    const result = await run.stop();
    connections += result.answers;
    for (const [pid, count] of Object.entries(result.by)) by[pid] = (by[pid] ?? 0) + count;
  }
  const shares = Object.values(by)
    .map((count) => (100 * EVEN_WORKERS * count / connections).toFixed(0))
    .join(", ");
  console.log(
    `${connections} connections over ${EVEN_WORKERS} workers, of an even share: ${shares} %`,
  );
  await peer.process.stop();
}

async function idle(): Promise<void> {
  const peer = await SupervisedPeer.start(loop, "-w", "2");
  await loop.sleep(2000);
  const before = sampleProcess(peer.process.pid).cpuMs;
  await loop.sleep(IDLE_MS);
  const { cpuMs, residentKib } = sampleProcess(peer.process.pid);
  const percent = (100 * (cpuMs - before) / IDLE_MS).toFixed(2);
  console.log(`the idle supervisor takes ${percent} % of a core, ${residentKib >> 10} MiB`);
  await peer.process.stop();
}

function isAlive(pid: number): boolean {
  try {
    if (!/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`))) return true;
    return [...Deno.readDirSync(`/proc/${pid}/task`)].length > 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isFree(port: number): boolean {
  try {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

await killedWorker(2, 0);
await killedWorker(2, 1);
await killedSupervisor();
await evenness();
await idle();
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
