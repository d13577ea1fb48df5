import { median } from "./process.ts";
import { sampleProcess } from "./process_sample.ts";
import { QueueServer } from "./queue_server.ts";

const JOBS = Number(Deno.env.get("SLUICE_BENCH_JOBS") ?? 10_000_000);
const PROBES = 3;
const SAMPLE_MS = 200;

/** Runs the load generator on a port, and returns jobs a second. */
export type Generate = (port: number, ...args: string[]) => Promise<number>;

interface Speed {
  readonly put: number;
  readonly work: number;
}

function mib(kib: number): string {
  return `${Math.round(kib / 1024)} MiB`;
}

/** The speed of puts and of work, which is done on jobs that came as lines, be there others or not. */
async function probe(server: QueueServer, generate: Generate, isEmpty: boolean): Promise<Speed> {
  const put: number[] = [];
  const work: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    put.push(await generate(server.port, "put", "30000", "1", "100"));
    if (isEmpty) {
      await generate(server.port, "work", "30000", "1", "100");
      await generate(server.line, "lines", "30000", "1", "1");
    }
    work.push(await generate(server.port, "work", "30000", "1", "100"));
  }
  return { put: median(put), work: median(work) };
}

/** Watches how much memory a process takes at most. */
function watchMemory({ pid }: QueueServer): { readonly mostKib: number } & Disposable {
  let mostKib = 0;
  const timer = setInterval(() => {
    mostKib = Math.max(mostKib, sampleProcess(pid).residentKib);
  }, SAMPLE_MS);
  return {
    get mostKib() {
      return mostKib;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Ten million jobs in one queue: what they take, and what they slow down. */
export async function measureMillions(file: string, generate: Generate): Promise<void> {
  await using server = await QueueServer.start(file);
  // The first one is to warm it up.
  await probe(server, generate, true);
  const empty = await probe(server, generate, true);
  const memory = watchMemory(server);
  const rate = await generate(server.line, "lines", String(JOBS), "1", "1");
  // Only once the system has written a gigabyte to the disk, the disk is as free as it was.
  await new Deno.Command("sync").output();
  const full = await probe(server, generate, false);
  memory[Symbol.dispose]();
  console.log(`${JOBS} jobs queued`);
  console.log(`  taken in as lines              ${Math.round(rate)}/s`);
  console.log(`  most memory of the server      ${mib(memory.mostKib)}`);
  console.log(`  put, beside an empty queue     ${(full.put / empty.put).toFixed(2)}`);
  console.log(`  work, beside an empty queue    ${(full.work / empty.work).toFixed(2)}`);
  console.log(`  its file                       ${mib((await Deno.stat(file)).size / 1024)}`);
  await server.stop();
  const start = performance.now();
  await using again = await QueueServer.start(file);
  console.log(`  restarted, ready after         ${Math.round(performance.now() - start)} ms`);
  console.log(`  memory then                    ${mib(sampleProcess(again.pid).residentKib)}`);
  await generate(again.port, "work", "1000", "1", "100");
}
