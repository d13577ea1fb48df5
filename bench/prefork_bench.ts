/**
 * Requests a second that workers of the supervisor serve, beside other ways of running so many
 * processes. Medians of runs taken in turn; `SLUICE_RUNS` is their number (5). Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { compileLoad, type Load, SupervisedPeer } from "./supervised.ts";

const RUNS = Number(Deno.env.get("SLUICE_RUNS") ?? 5);
const WORKERS = 2;
const SECONDS = "2";
const CLIENTS = "64";

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compileLoad(folder);
const loop = new EventLoop();

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function installed(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] })
    .output();
  return success;
}

interface Peer {
  name: string;
  port: number;
  processes: PeerProcess[];
}

async function peers(): Promise<Peer[]> {
  const found: Peer[] = [];
  const add = async (name: string, options: Parameters<typeof PeerProcess.start>[0], times = 1) => {
    const processes: PeerProcess[] = [];
    for (let i = 0; i < times; i++) processes.push(await PeerProcess.start(options));
    found.push({ name, port: processes[0].port, processes });
  };
  const port = freePort();
  const hand = { program: here("peers/http_deno.ts"), args: [String(port)] };
  await add(`${WORKERS} processes by hand`, hand, WORKERS);
  for (const share of ["reuseport", "inherit"]) {
    const flags = ["-w", String(WORKERS), "--share", share];
    const { process, port } = await SupervisedPeer.start(loop, ...flags);
    found.push({ name: `sluice, ${share}`, port, processes: [process] });
  }
  const app = here("peers/http_app.ts");
  const flags = ["serve", "--parallel", "-A", "--host", "127.0.0.1"];
  await add("deno serve --parallel", {
    program: Deno.execPath(),
    args: [...flags, "--port", String(freePort()), app],
    env: { DENO_JOBS: String(WORKERS), NO_COLOR: "1" },
    port: /Listening on .*:(\d+)/,
  });
  await add("node:cluster", {
    program: "node",
    args: [here("peers/http_cluster.mjs"), String(freePort()), String(WORKERS)],
  });
  const at = () => `127.0.0.1:${freePort()}`;
  const rack = here("peers/http_rack.ru");
  const others: Record<string, string[]> = {
    gunicorn: ["-w", String(WORKERS), "-b", at(), "--chdir", here("peers"), "http_wsgi"],
    puma: ["-w", String(WORKERS), "-t", "1:1", "-b", `tcp://${at()}`, rack],
    unicorn: ["-l", at(), "-c", `${folder}/unicorn.rb`, rack],
  };
  await Deno.writeTextFile(`${folder}/unicorn.rb`, `worker_processes ${WORKERS}\n`);
  for (const [program, args] of Object.entries(others)) {
    if (!await installed(program)) console.log(`${program} is not installed`);
    else await add(program, { program, args, port: /[Ll]istening (?:on|at|on addr=).*?:(\d+)/ });
  }
  return found;
}

async function throughput(): Promise<void> {
  const all = await peers();
  await loop.sleep(2000);
  for (const kind of ["keep", "new"]) {
    const rates: number[][] = all.map(() => []);
    for (let run = 0; run < RUNS; run++) {
      for (const [i, { port }] of all.entries()) {
        const args = [String(port), CLIENTS, SECONDS, kind];
        rates[i].push((await measure<Load>(load, args)).perSecond);
      }
    }
    console.log(`${WORKERS} workers, ${kind === "keep" ? "kept-alive" : "new"} connections`);
    for (const [i, { name }] of all.entries()) {
      const ratio = median(rates[i].map((rate, run) => rate / rates[0][run]));
      const rate = String(Math.round(median(rates[i]))).padStart(9);
      console.log(`  ${name.padEnd(34)}${rate} /s  ${ratio.toFixed(2)} × ${all[0].name}`);
    }
  }
  for (const { processes } of all) for (const process of processes) await process.stop();
}

await throughput();
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
