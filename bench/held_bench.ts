/**
 * What it costs to hold things: an idle server, idle TCP connections, and a million modstamp
 * subscriptions with their expiry. Linux only.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { encodeMessages } from "../modstamp/mod.ts";
import { here, PeerProcess } from "./process.ts";
import { sampleProcess } from "./process_sample.ts";

const CONNECTIONS = 10_000;
const PEERS = 1000;
const IDS = 1000;
const TTL_SECONDS = 20;
const IDLE_MS = 10_000;
const SETTLE_MS = 1000;

const loop = new EventLoop();

function server(...args: string[]): Promise<PeerProcess> {
  return PeerProcess.start({
    program: here("../modstamp/server.ts"),
    args: ["--port", "0", "--hostname", "127.0.0.1", "--store", "memory:", ...args],
    port: /listening on .*:(\d+) /,
  });
}

function row(name: string, figure: string): void {
  console.log(`${name.padEnd(56)}${figure.padStart(16)}`);
}

async function idle(): Promise<void> {
  await using process = await server();
  await loop.sleep(SETTLE_MS);
  const before = sampleProcess(process.pid).cpuMs;
  await loop.sleep(IDLE_MS);
  const percent = (sampleProcess(process.pid).cpuMs - before) / IDLE_MS * 100;
  row("an idle modstamp server, share of a core", `${percent.toFixed(2)} %`);
}

async function connections(name: string, program: string, poller: string): Promise<void> {
  await using process = await PeerProcess.start({
    program: here(program),
    env: { SLUICE_POLLER: poller },
  });
  const open = async (count: number): Promise<Deno.TcpConn[]> => {
    const opened: Deno.TcpConn[] = [];
    while (opened.length < count) {
      opened.push(await Deno.connect({ hostname: "127.0.0.1", port: process.port }));
    }
    await loop.sleep(SETTLE_MS);
    return opened;
  };
  const first = await open(100);
  const before = sampleProcess(process.pid).residentKib;
  const rest = await open(CONNECTIONS);
  const kib = (sampleProcess(process.pid).residentKib - before) / CONNECTIONS;
  row(`an idle TCP connection of ${CONNECTIONS}, ${name}`, `${kib.toFixed(2)} KiB`);
  for (const connection of [...first, ...rest]) connection.close();
}

async function subscriptions(): Promise<void> {
  const flags = ["--peer-ttl", String(TTL_SECONDS), "--stats-every", "1"];
  let counted = 0;
  let expiredAtMs = Infinity;
  await using process = await PeerProcess.start({
    program: here("../modstamp/server.ts"),
    args: ["--port", "0", "--hostname", "127.0.0.1", "--store", "memory:", ...flags],
    port: /listening on .*:(\d+) /,
    onLine: (line) => {
      const now = Number(/subscriptions=(\d+)/.exec(line)?.[1] ?? 0);
      if (counted > 1 && now <= 1) expiredAtMs = Math.min(expiredAtMs, loop.now());
      counted = Math.max(counted, now);
    },
  });
  const before = sampleProcess(process.pid).residentKib;
  await subscribe(process.port);
  await loop.sleep(2 * SETTLE_MS);
  const bytes = (sampleProcess(process.pid).residentKib - before) * 1024 / counted;
  row(`a subscription of ${counted}`, `${bytes.toFixed(0)} bytes`);
  const quiet = await latencies(process.port, () => loop.now() < calmUntil);
  const expiring = await latencies(process.port, () => expiredAtMs === Infinity);
  row("a query beside them, p99", `${quiet.p99.toFixed(2)} ms`);
  row("a query while they expire, p99", `${expiring.p99.toFixed(2)} ms`);
  row("a query while they expire, slowest", `${expiring.most.toFixed(2)} ms`);
}

let calmUntil = 0;

/** Each peer asks for each id, a few packets at a time. */
async function subscribe(port: number): Promise<void> {
  const bodies = encodeMessages(
    Array.from({ length: IDS }, (_, i) => ({
      kind: "query" as const,
      id: `id${i}`,
      value: new Uint8Array(),
    })),
  );
  const packets = bodies.map((body) => Uint8Array.from([0, ...body]));
  for (let peer = 0; peer < PEERS; peer++) {
    // A port may come back for another peer, an address doesn't.
    await using socket = await loop.bindDatagram({
      hostname: `127.1.${peer >> 8}.${peer & 255}`,
      maxBatch: 1,
      onBatch: () => undefined,
    });
    const server = socket.peers.internAddress("127.0.0.1", port);
    for (const packet of packets) socket.send(server, packet);
  }
  calmUntil = loop.now() + 5000;
}

/** Asks one query after the other. */
async function latencies(
  port: number,
  goOn: () => boolean,
): Promise<{ p99: number; most: number }> {
  let told = Promise.withResolvers<void>();
  await using socket = await loop.bindDatagram({
    hostname: "127.0.0.1",
    onBatch: () => told.resolve(),
  });
  const server = socket.peers.internAddress("127.0.0.1", port);
  const [body] = encodeMessages([{ kind: "query", id: "probe", value: new Uint8Array() }]);
  const times: number[] = [];
  while (goOn()) {
    told = Promise.withResolvers();
    const start = performance.now();
    socket.send(server, Uint8Array.from([0, ...body]));
    await told.promise;
    times.push(performance.now() - start);
    await loop.sleep(1);
  }
  times.sort((a, b) => a - b);
  return { p99: times[Math.floor(times.length * 0.99)], most: times.at(-1)! };
}

await idle();
await connections("echo on the loop, epoll", "peers/loop_tcp_echo.ts", "epoll");
await connections("echo on the loop, portable", "peers/loop_tcp_echo.ts", "portable");
await connections("echo on Deno.listen", "peers/deno_tcp_echo.ts", "portable");
await subscriptions();
await loop.stop();
Deno.exit(0);
