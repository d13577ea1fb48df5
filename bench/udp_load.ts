/**
 * A load of modstamp packets: keeps WINDOW in flight until COUNT were answered and prints the
 * rate as JSON. `deno run -A bench/udp_load.ts PORT WINDOW COUNT query|change [IDS]`
 *
 * @module
 */
import { type DatagramBatch, type DatagramSocket, EventLoop } from "../loop/mod.ts";
import { encodeMessages } from "../modstamp/mod.ts";

/** Without an answer for so long, what is in flight counts as lost. */
const STALL_MS = 300;

const [port, window, count, kind, ids = "10"] = Deno.args;
const loop = new EventLoop();
const done = Promise.withResolvers<void>();
let sent = 0;
let received = 0;
let lost = 0;
let heardAt = performance.now();

function packet(index: number): Uint8Array {
  const id = `${kind}${index % Number(ids)}`;
  // Values differ from those of the run before, which would be no change.
  const text = kind === "change" ? `v${Deno.pid}.${index}` : "";
  const value = new TextEncoder().encode(text);
  const [body] = encodeMessages([{ kind: kind === "change" ? "change" : "query", id, value }]);
  return Uint8Array.from([0, ...body]);
}

// Encoding must not be what is measured, so that queries are made ahead.
const queries = kind === "query" ? Array.from({ length: Number(ids) }, (_, i) => packet(i)) : null;

function fill(socket: DatagramSocket): void {
  while (sent - received - lost < Number(window)) {
    socket.send(server, queries === null ? packet(sent) : queries[sent % queries.length]);
    sent++;
  }
}

const socket = await loop.bindDatagram({
  hostname: "127.0.0.1",
  onBatch: (batch: DatagramBatch, socket: DatagramSocket) => {
    received += batch.count;
    heardAt = performance.now();
    if (received >= Number(count)) done.resolve();
    else fill(socket);
  },
});
const server = socket.peers.internAddress("127.0.0.1", Number(port));
loop.every(STALL_MS, () => {
  if (performance.now() - heardAt < STALL_MS) return;
  lost = sent - received;
  fill(socket);
});
const start = performance.now();
fill(socket);
await done.promise;
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ perSecond: Math.round(received / seconds), lost }));
Deno.exit(0);
