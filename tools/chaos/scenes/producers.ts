import type { RandomSource } from "../../../loop/mod.ts";
import { sleep } from "../uptime.ts";
import type { JobLedger } from "./job_ledger.ts";
import type { ChaosJob } from "./jobs.ts";

/** How long a producer waits for an answer until it gives up. */
const PATIENCE_MS = 20_000;
/** What a server says that was told to stop. */
const PROMISES_NOTHING = /^$|as the server stops/;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What producers share. */
export interface ProducerOptions {
  readonly ledger: JobLedger;
  readonly random: RandomSource;
  /** Where they connect to: the server, or a bad network before it. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Told of answers that must not come. */
  readonly complain: (text: string) => void;
}

/** Writes a few jobs a connection and asks whether they are stored: an end alone proves nothing. */
export async function produceLines(options: ProducerOptions): Promise<void> {
  const { ledger, random, signal, complain } = options;
  while (!signal.aborted) {
    await sleep(200 + random.next() * 400);
    const jobs = Array.from({ length: 1 + Math.floor(random.next() * 6) }, () => draw(options));
    const text = jobs.map((job) => `${bodyOf(job)}\n`).join("");
    const answer = await exchange(options.port, `${text}{"ack":"all"}\n`);
    if (answer === `{"ack":"all","jobs":${jobs.length}}\n`) {
      for (const { id } of jobs) ledger.acknowledge(id);
    } else if (answer !== null && !PROMISES_NOTHING.test(answer)) {
      complain(`lines were answered with ${answer}`);
    }
  }
}

/** Puts one job after the other by the beanstalk protocol, on a connection that it keeps. */
export async function produceByBeanstalk(options: ProducerOptions): Promise<void> {
  while (!options.signal.aborted) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: options.port });
      while (!options.signal.aborted) {
        await sleep(100 + options.random.next() * 200);
        if (!await put(connection, options)) break;
      }
    } catch (error) {
      if (!isBroken(error)) throw error;
      await sleep(200);
    }
  }
}

/** Asks a beanstalk server for its counters; `null` when it doesn't answer. */
export async function readStats(port: number): Promise<Map<string, number> | null> {
  const answer = await exchange(port, "stats\r\nquit\r\n");
  if (answer === null || !answer.startsWith("OK ")) return null;
  const pairs = [...answer.matchAll(/^([\w-]+): (\d+)\r?$/gm)];
  return new Map(pairs.map(([, name, count]) => [name, Number(count)]));
}

async function put(connection: Deno.TcpConn, options: ProducerOptions): Promise<boolean> {
  const job = draw(options);
  const body = bodyOf(job);
  using _timer = closing(connection);
  await writeAll(connection, `put 100 0 10 ${body.length}\r\n${body}\r\n`);
  const answer = await readLine(connection);
  if (answer === null) return false;
  if (answer.startsWith("INSERTED ")) options.ledger.acknowledge(job.id);
  // A full disk, a server that goes: nothing is promised then.
  else if (!/^(INTERNAL_ERROR|OUT_OF_MEMORY|DRAINING)/.test(answer)) {
    options.complain(`a job was put and answered with ${answer}`);
  }
  return true;
}

function draw({ ledger, random }: ProducerOptions): ChaosJob {
  const chance = random.next();
  const kind = chance < 0.02 ? "doomed" : chance < 0.05 ? "flaky" : "plain";
  return { id: ledger.add(kind), ms: Math.floor(random.next() * 30), kind };
}

function bodyOf(data: ChaosJob): string {
  const maxAttempts = data.kind === "doomed" ? 2 : 0;
  return JSON.stringify({ job: "chaos", data, maxAttempts, backoff: 200, timeoutMs: 10_000 });
}

/** Writes, ends, and reads to the end; `null` when the connection broke. */
async function exchange(port: number, text: string): Promise<string | null> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    using _timer = closing(connection);
    await writeAll(connection, text);
    await connection.closeWrite();
    let answer = "";
    const buffer = new Uint8Array(4096);
    for (let got; (got = await connection.read(buffer)) !== null;) {
      answer += decoder.decode(buffer.subarray(0, got));
    }
    return answer;
  } catch (error) {
    if (isBroken(error)) return null;
    throw error;
  }
}

async function readLine(connection: Deno.TcpConn): Promise<string | null> {
  const buffer = new Uint8Array(1024);
  for (let line = "";;) {
    const got = await connection.read(buffer);
    if (got === null) return null;
    line += decoder.decode(buffer.subarray(0, got));
    if (line.endsWith("\r\n")) return line.trimEnd();
  }
}

async function writeAll(connection: Deno.TcpConn, text: string): Promise<void> {
  for (let bytes = encoder.encode(text); bytes.length > 0;) {
    bytes = bytes.subarray(await connection.write(bytes));
  }
}

/** Closes a connection after a while, unless it is disposed before. */
function closing(connection: Deno.TcpConn): Disposable {
  const timer = setTimeout(() => connection.close(), PATIENCE_MS);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Whether an error is what a network and a server that is killed do to a client. */
export function isBroken(error: unknown): boolean {
  const { ConnectionReset, ConnectionRefused, ConnectionAborted, BrokenPipe } = Deno.errors;
  const kinds = [ConnectionReset, ConnectionRefused, ConnectionAborted, BrokenPipe];
  const more = [Deno.errors.NotConnected, Deno.errors.BadResource, Deno.errors.Interrupted];
  return [...kinds, ...more].some((kind) => error instanceof kind);
}
