import type { RandomSource } from "../../../loop/mod.ts";
import type { FaultLog, Harm } from "../fault_log.ts";
import { sleep, uptimeMs } from "../uptime.ts";
import { isBroken } from "./producers.ts";

/** What may spoil a request: that it was inside of what was killed, or on a bad network. */
const DIRECT: readonly Harm[] = ["kill"];
const BY_PROXY: readonly Harm[] = ["kill", "network"];
/** How much later than the fault its consequences may be seen. */
const LATE_MS = 300;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What came of all requests. */
export interface HttpCounts {
  answered: number;
  /** Requests that failed as a fault hit them. */
  excused: number;
  /** Those that nothing excuses. */
  readonly complaints: string[];
}

/** Options of {@linkcode visitHttp}. */
export interface HttpVisitorOptions {
  readonly port: number;
  /** Whether the port is that of a bad network. */
  readonly byProxy: boolean;
  readonly keepAlive: boolean;
  readonly random: RandomSource;
  readonly log: FaultLog;
  readonly counts: HttpCounts;
  readonly signal: AbortSignal;
}

/** Makes one request after the other, and takes no excuse but a fault. */
export async function visitHttp(options: HttpVisitorOptions): Promise<void> {
  const { counts, log, signal, byProxy } = options;
  while (!signal.aborted) {
    const fromMs = uptimeMs();
    const span = { startMs: fromMs };
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: options.port });
      while (await exchange(connection, options)) span.startMs = uptimeMs();
    } catch (error) {
      if (!isBroken(error) && !(error instanceof TypeError)) throw error;
      const time = { fromMs: span.startMs - LATE_MS, toMs: uptimeMs() };
      const harms = byProxy ? BY_PROXY : DIRECT;
      if (log.excuses("prefork", { ...time, harms })) counts.excused++;
      else counts.complaints.push(`${describe(options)}: ${error}, ${time.fromMs} to ${time.toMs}`);
      await sleep(200);
    }
  }
}

function describe({ byProxy, keepAlive }: HttpVisitorOptions): string {
  return `${keepAlive ? "kept alive" : "one request"}${byProxy ? " by proxy" : ""}`;
}

/** Makes one request; tells whether the connection can be used for another. */
async function exchange(connection: Deno.TcpConn, options: HttpVisitorOptions): Promise<boolean> {
  const { random, keepAlive, counts, signal } = options;
  const ms = Math.floor(random.next() ** 4 * 500);
  const end = keepAlive ? "" : "Connection: close\r\n";
  await connection.write(encoder.encode(`GET /?ms=${ms} HTTP/1.1\r\nHost: chaos\r\n${end}\r\n`));
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.endsWith("answer")) {
    const got = await connection.read(buffer);
    if (got === null) throw new TypeError(`The answer ended after ${text.length} bytes`);
    text += decoder.decode(buffer.subarray(0, got));
  }
  if (!text.startsWith("HTTP/1.1 200 ")) throw new TypeError(`No good answer: ${text}`);
  counts.answered++;
  await sleep(50 + random.next() * 150);
  return keepAlive && !signal.aborted && !/^connection: *close/im.test(text);
}
