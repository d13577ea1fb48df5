/**
 * The supervisor under load: requests a second beside other ways of running so many processes,
 * reloads and changes of size that must lose nothing, how evenly connections are dealt out, how
 * soon a killed worker is replaced, and what the idle supervisor takes. `SLUICE_RELOADS` is the
 * number of reloads. Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { compile } from "./compile.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { sampleProcess } from "./process_sample.ts";

const RUNS = 5;
const WORKERS = 2;
const SECONDS = "2";
const CLIENTS = "64";
const IDLE_MS = 10_000;
const RELOADS = Number(Deno.env.get("SLUICE_RELOADS") ?? 10);

interface Load {
  answers: number;
  perSecond: number;
  failures: Record<string, number>;
  by: Record<string, number>;
}

const folder = await Deno.makeTempDir({ prefix: "sluice_bench_" });
const load = await compile("httpload.c", folder);
if (load === null) {
  console.error("Cannot measure as there is no C compiler");
  Deno.exit(1);
}
const loop = new EventLoop();

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** A supervisor that serves the application, and the lines that it has said. */
async function supervised(...flags: string[]): Promise<{ process: PeerProcess; lines: string[] }> {
  const lines: string[] = [];
  const process = await PeerProcess.start({
    program: here("../prefork/main.ts"),
    args: [here("peers/http_app.ts"), "-p", "0", "--hostname", "127.0.0.1", ...flags],
    port: /listening on .*:(\d+),/,
    onLine: (line) => lines.push(line),
  });
  return { process, lines };
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
    const { process } = await supervised("-w", String(WORKERS), "--share", share);
    found.push({ name: `sluice, ${share}`, port: process.port, processes: [process] });
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
        rates[i].push((await measure<Load>(load!, args)).perSecond);
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

/** Waits until so many lines match. */
async function said(lines: string[], pattern: RegExp, count: number): Promise<void> {
  while (lines.filter((line) => pattern.test(line)).length < count) await loop.sleep(10);
}

/** Does something again and again under load, and counts the requests that fail. */
async function underLoad(
  name: string,
  share: string,
  round: (process: PeerProcess, lines: string[], n: number) => Promise<void>,
): Promise<void> {
  const { process, lines } = await supervised("-w", String(WORKERS), "--share", share);
  const loads = ["new", "keep"].map((kind) => {
    const args = [String(process.port), "16", "86400", kind];
    return new Deno.Command(load!, { args, stdout: "piped" }).spawn();
  });
  for (let n = 1; n <= RELOADS; n++) await round(process, lines, n);
  for (const each of loads) each.kill("SIGINT");
  const results = await Promise.all(loads.map(async (each) => {
    const { stdout } = await each.output();
    return JSON.parse(new TextDecoder().decode(stdout)) as Load;
  }));
  const [fresh, kept] = results;
  console.log(
    `${RELOADS} ${name}, ${share}: failed ${failed(fresh)} of ${fresh.answers} requests on new ` +
      `connections (${Math.round(fresh.perSecond)} /s), ${failed(kept)} of ${kept.answers} on ` +
      `kept-alive ones`,
  );
  await process.stop();
}

function failed({ failures }: Load): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

async function losses(): Promise<void> {
  for (const share of ["reuseport", "inherit"]) {
    await underLoad("reloads", share, async (process, lines, n) => {
      process.signal("SIGHUP");
      await said(lines, /^Reloaded/, n);
      await said(lines, /: Gone/, WORKERS * n);
    });
    await underLoad("times TTIN and TTOU", share, async (process, lines, n) => {
      process.signal("SIGTTIN");
      await said(lines, /^worker 3 .*Ready/, n);
      process.signal("SIGTTOU");
      await said(lines, /^worker 3 .*Gone/, n);
    });
  }
}

async function evenness(): Promise<void> {
  const { process } = await supervised("-w", "4");
  let connections = 0;
  const by: Record<string, number> = {};
  while (connections < 4000) {
    const result = await measure<Load>(load!, [
      String(process.port),
      "16",
      "1",
      "new",
    ]);
    connections += result.answers;
    for (const [pid, count] of Object.entries(result.by)) by[pid] = (by[pid] ?? 0) + count;
  }
  const shares = Object.values(by).map((count) => (100 * count / (connections / 4)).toFixed(0));
  console.log(`${connections} connections over 4 workers, each of its even share: ${shares} %`);
  await process.stop();
}

async function replacement(): Promise<void> {
  const times: number[] = [];
  const { process, lines } = await supervised("-w", String(WORKERS));
  for (let run = 1; run <= RUNS; run++) {
    const ready = lines.filter((line) => /Ready/.test(line)).at(-1)!;
    const start = performance.now();
    Deno.kill(Number(/\((\d+)\)/.exec(ready)![1]), "SIGKILL");
    await said(lines, /: Ready/, WORKERS + run);
    times.push(performance.now() - start);
  }
  console.log(`a killed worker is replaced after ${Math.round(median(times))} ms`);
  await process.stop();
}

async function idle(): Promise<void> {
  const { process } = await supervised("-w", String(WORKERS));
  await loop.sleep(2000);
  const before = sampleProcess(process.pid).cpuMs;
  await loop.sleep(IDLE_MS);
  const { cpuMs, residentKib } = sampleProcess(process.pid);
  const percent = (100 * (cpuMs - before) / IDLE_MS).toFixed(2);
  console.log(`the idle supervisor takes ${percent} % of a core, ${residentKib >> 10} MiB`);
  await process.stop();
}

await throughput();
await losses();
await evenness();
await replacement();
await idle();
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
