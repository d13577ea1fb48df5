/**
 * The memory that an idle WebSocket connection takes, beside others: what the process grows by.
 *
 * @module
 */
import { sampleProcess } from "./process_sample.ts";
import { TextLineStream } from "./text_line_stream.ts";
import { type WebSocketPeer, WebSocketPeers } from "./websocket_peers.ts";

/** As many before that the process has grown into what it needs for the handshakes. */
const WARM_UP_CLIENTS = 2000;
const IDLE_CLIENTS = 8000;

await using peers = await WebSocketPeers.start();

/** Connects and stays. */
async function hold({ process, args }: WebSocketPeer, count: number): Promise<Deno.ChildProcess> {
  const call = [String(process.port), String(count), "idle", "0", "0", ...args];
  const child = new Deno.Command(peers.load, { args: call, stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  await lines.getReader().read();
  return child;
}

console.log(`Memory of an idle connection: ${IDLE_CLIENTS} beside ${WARM_UP_CLIENTS}`);
for (const peer of peers.all) {
  const first = await hold(peer, WARM_UP_CLIENTS);
  const before = sampleProcess(peer.process.pid).residentKib;
  const others = await hold(peer, IDLE_CLIENTS);
  const after = sampleProcess(peer.process.pid).residentKib;
  for (const child of [first, others]) {
    child.kill();
    await child.status;
  }
  const each = (after - before) / IDLE_CLIENTS;
  console.log(`  ${peer.name.padEnd(26)}${each.toFixed(1).padStart(9)} KiB`);
}
