/**
 * A modstamp server on a KV file and a TCP echo on the loop, held under a share of the load that
 * they bear for as long as asked: memory has to stay flat, no descriptor may leak, and nothing may
 * get lost that nobody counted. `deno task soak [--minutes 60] [--share 0.5]`
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { EventLoop } from "../loop/mod.ts";
import { compile } from "./compile.ts";
import { PacedLoad } from "./paced_load.ts";
import { here, measure, median, PeerProcess } from "./process.ts";
import { droppedDatagrams, type ProcessSample, sampleProcess } from "./process_sample.ts";
import { TcpChurn } from "./tcp_churn.ts";

const CLIENTS = 64;
const PACKETS_PER_CHANGE = 500;
const CONNECTIONS_PER_SECOND = 50;
/** By how much memory may grow from the second quarter to the last one, in KiB. */
const MAX_GROWTH_KIB = 12_288;
const QUIET_MS = 3000;

const flags = parseArgs(Deno.args, { string: ["minutes", "share"] });
const minutes = Number(flags.minutes ?? 60);
const share = Number(flags.share ?? 0.5);
if (!(minutes > 0) || !(share > 0 && share <= 1)) {
  console.error("Cannot soak as --minutes must be positive and --share from 0 to 1");
  Deno.exit(2);
}
const everyMs = Math.min(60_000, minutes * 60_000 / 12);
const folder = await Deno.makeTempDir({ prefix: "sluice_soak_" });
const load = await compile("udp_load.c", folder) ?? here("udp_load.ts");

let lastLine = "";
const server = await PeerProcess.start({
  program: here("../modstamp/server.ts"),
  args: ["--port", "0", "--hostname", "127.0.0.1", "--store", `kv:${folder}/soak.db`],
  port: /listening on .*:(\d+) /,
  onLine: (line) => lastLine = line,
});
const echo = await PeerProcess.start({ program: here("peers/loop_tcp_echo.ts") });
const { perSecond: most } = await measure<{ perSecond: number }>(load, [
  String(server.port),
  ...["64", "100000", "query"],
]);
const perSecond = Math.round(most * share);
console.log(
  `${minutes} min at ${perSecond} packets/s, ${share} of the ${most} that the server answers`,
);

await using loop = new EventLoop();
const paced = await PacedLoad.start({
  loop,
  port: server.port,
  perSecond,
  clients: CLIENTS,
  packetsPerChange: PACKETS_PER_CHANGE,
});
const churn = new TcpChurn(loop, { port: echo.port, perSecond: CONNECTIONS_PER_SECOND });

interface Sample {
  server: ProcessSample;
  echo: ProcessSample;
}
const samples: Sample[] = [];
for (let n = 1; n * everyMs <= minutes * 60_000 + 1; n++) {
  await loop.sleep(everyMs);
  const sample = { server: sampleProcess(server.pid), echo: sampleProcess(echo.pid) };
  const busyMs = sample.server.cpuMs - (samples.at(-1)?.server.cpuMs ?? sample.server.cpuMs);
  samples.push(sample);
  const { sent, answered, signals } = paced.counts;
  console.log(
    `${(n * everyMs / 60_000).toFixed(1)} min: ` +
      `server ${mebibytes(sample.server)} MiB, ${sample.server.descriptors} descriptors, ` +
      `${(100 * busyMs / everyMs).toFixed(0)}% of a core; ` +
      `echo ${mebibytes(sample.echo)} MiB, ${sample.echo.descriptors} descriptors; ` +
      `sent ${sent}, answered ${answered}, signals ${signals}, ` +
      `connections ${churn.counts.completed}`,
  );
}
paced.stop();
churn.stop();
await loop.sleep(QUIET_MS);
const dropped = droppedDatagrams([server.port, ...paced.ports]);
await server.stop();
const told = counters(lastLine);
const { sent, refused, answered, signals } = paced.counts;
const unanswered = sent - answered;
const counted = dropped + told.overloaded + told.outboxFull + told.malformed;
console.log(
  `sent ${sent}, refused by the sender ${refused}, unanswered ${unanswered}; ` +
    `signals sent ${told.signals}, received ${signals}; ` +
    `dropped by the kernel ${dropped}, counted by the server ${counted - dropped}; ` +
    `connections completed ${churn.counts.completed}`,
);
for (const [reason, count] of churn.counts.failed) console.log(`${count} connections: ${reason}`);

const verdicts: [name: string, holds: boolean][] = [
  ["the server's memory is flat", isFlat(samples.map((sample) => sample.server.residentKib))],
  ["the echo's memory is flat", isFlat(samples.map((sample) => sample.echo.residentKib))],
  ["the server leaks no descriptor", leaksNone(samples.map((sample) => sample.server))],
  ["the echo leaks no descriptor", leaksNone(samples.map((sample) => sample.echo))],
  ["nothing was lost that nobody counted", unanswered + told.signals - signals <= counted],
  ["every connection got its bytes back", churn.counts.failed.size === 0],
];
for (const [name, holds] of verdicts) console.log(`${holds ? "ok    " : "FAILED"} ${name}`);
await echo[Symbol.asyncDispose]();
await paced[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true });
await loop.stop();
Deno.exit(verdicts.every(([, holds]) => holds) ? 0 : 1);

function mebibytes({ residentKib }: ProcessSample): string {
  return (residentKib / 1024).toFixed(1);
}

/** The numbers of the line that the server says at its end. */
function counters(
  line: string,
): Record<"overloaded" | "outboxFull" | "malformed" | "signals", number> {
  const found = { overloaded: 0, outboxFull: 0, malformed: 0, signals: 0 };
  for (const [, name, count] of line.matchAll(/(\w+)=(\d+)/g)) {
    if (name in found) found[name as keyof typeof found] = Number(count);
  }
  return found;
}

function isFlat(kib: number[]): boolean {
  const quarter = Math.max(1, kib.length >> 2);
  return median(kib.slice(-quarter)) <= median(kib.slice(quarter, 2 * quarter)) + MAX_GROWTH_KIB;
}

// Connections come and go, so that the echo's number moves around that of those under way.
function leaksNone(ofProcess: ProcessSample[]): boolean {
  const counts = ofProcess.map((sample) => sample.descriptors);
  const quarter = Math.max(1, counts.length >> 2);
  return median(counts.slice(-quarter)) <= median(counts.slice(quarter, 2 * quarter)) + 2;
}
