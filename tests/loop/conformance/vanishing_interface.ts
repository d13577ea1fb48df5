/**
 * In a network namespace of its own: a datagram socket and a stream on an interface that is taken
 * away and comes back, with the poller that SLUICE_POLLER names. Prints as JSON what happened.
 *
 * @module
 */
import { type DatagramSocket, EventLoop } from "../../../loop/mod.ts";

const HOST = "192.0.2.1";
const NEIGHBOUR = "192.0.2.7";
const WATCHED_MS = 200;

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
}

async function appear(): Promise<void> {
  await ip("link", "add", "come0", "type", "bridge");
  await ip("address", "add", `${HOST}/24`, "dev", "come0");
  await ip("link", "set", "come0", "up");
}

const reported: string[] = [];
const loop = new EventLoop({ onError: (error) => void reported.push(String(error)) });
let heard = Promise.withResolvers<void>();
const bind = (): Promise<DatagramSocket> =>
  loop.bindDatagram({ hostname: HOST, onBatch: () => heard.resolve() });

await ip("link", "set", "lo", "up");
await appear();
const [to, from] = [await bind(), await bind()];
const there = from.peers.internAddress(HOST, to.localAddress.port);
const neighbour = from.peers.internAddress(NEIGHBOUR, 9);

async function exchange(): Promise<void> {
  heard = Promise.withResolvers();
  from.send(there, new Uint8Array(8));
  await heard.promise;
}

const echo = await loop.listenStream({
  hostname: HOST,
  onConnection: () => ({ onData: (chunk, stream) => void stream.write(chunk) }),
});
const { port } = echo.localAddress as { port: number };

async function converse(): Promise<void> {
  const back = Promise.withResolvers<void>();
  const handlers = { onData: () => back.resolve() };
  await using stream = await loop.connectStream({ hostname: HOST, port, handlers });
  stream.write(new Uint8Array(8));
  await back.promise;
}

await exchange();
await converse();
await ip("link", "delete", "come0");
for (let i = 0; i < 20; i++) {
  from.send(there, new Uint8Array(8));
  from.send(neighbour, new Uint8Array(8));
}
// Each datagram that had no way is counted.
while (from.stats().sendErrors < 40) await loop.sleep(10);
const before = loop.stats().iterations;
await loop.sleep(WATCHED_MS);
const iterations = loop.stats().iterations - before;
const { sendErrors } = from.stats();
const refused = await converse().then(() => "", (error) => error.name);
await appear();
await exchange();
await converse();
console.log(JSON.stringify({ iterations, sendErrors, refused, reported }));
await loop[Symbol.asyncDispose]();
