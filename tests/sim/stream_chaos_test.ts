import { assert, assertEquals } from "@std/assert";
import {
  EventLoop,
  type Handle,
  type SimulatedHost,
  SimulatedNetwork,
  type StreamAddress,
  type StreamError,
  type StreamSocket,
} from "../../loop/mod.ts";
import { forEachSeed } from "./for_each_seed.ts";

const CLIENTS = 6;
const RUN_MS = 10_000;

/** The byte at a place of the endless text that each side sends. */
function byteAt(place: number): number {
  return (place * 31 + (place >> 8) * 7) & 0xff;
}

/** One side of a stream: sends the endless text, and checks what comes. */
class Side {
  received = 0;
  sent = 0;
  wrong = 0;
  ended = false;
  outcome: StreamError | null | undefined;
  sending: Handle | undefined;

  /** Sends up to `most` bytes, as far as the stream takes them. */
  send(stream: StreamSocket, most: number): void {
    if (!stream.writable) return;
    const bytes = new Uint8Array(most);
    for (let i = 0; i < most; i++) bytes[i] = byteAt(this.sent + i);
    stream.write(bytes);
    this.sent += most;
  }

  onData(chunk: Uint8Array): void {
    for (const byte of chunk) if (byte !== byteAt(this.received++)) this.wrong++;
  }

  onEnd(stream: StreamSocket): void {
    this.ended = true;
    stream.end();
  }

  onClose(_stream: StreamSocket, error: StreamError | null): void {
    this.sending?.cancel();
    this.outcome = error;
  }
}

/** The sides of all streams, by the address and port of the client. */
interface Talks {
  clients: Map<string, Side>;
  servers: Map<string, Side>;
}

interface Outcome {
  digest: string;
  finished: number;
  broken: number;
}

/** Clients talk to a server that crashes, over a network that falls apart now and then. */
async function talk(seed: number): Promise<Outcome> {
  using network = new SimulatedNetwork({
    seed,
    faults: { loss: 0.05, maxDelayMs: 30, windowBytes: 8000, giveUpMs: 2000 },
  });
  const { random } = network;
  const server = network.host("10.0.0.1");
  const talks: Talks = { clients: new Map(), servers: new Map() };
  const serve = async (): Promise<void> => {
    const loop = new EventLoop({ poller: server.poller() });
    await loop.listenStream({
      port: 80,
      onConnection: (stream) => {
        const side = new Side();
        talks.servers.set(keyOf(stream.remoteAddress), side);
        side.sending = loop.every(50, () => side.send(stream, 200));
        return side;
      },
    });
  };
  await serve();
  const nat = network.nat("203.0.113.1");
  const hosts: SimulatedHost[] = [nat.host("192.168.0.1")];
  for (let i = 1; i < CLIENTS; i++) hosts.push(network.host(`10.0.1.${i}`));
  for (const host of hosts) startClient(host, talks);
  const chaos = new EventLoop({ poller: network.host("10.9.9.9").poller() });
  chaos.every(1500, () => {
    const victim = hosts[Math.floor(random.next() * CLIENTS)];
    const partition = network.partition([victim]);
    chaos.callLater(random.next() * 4000, () => partition.heal());
    if (random.next() < 0.2) nat.rebind();
  });
  chaos.callLater(RUN_MS * random.next(), () => {
    server.crash({ streams: random.next() < 0.5 ? "silent" : "reset" });
    chaos.callLater(1000, serve);
  });
  await network.advance(RUN_MS);
  return { digest: network.digest(), ...judge(talks) };
}

/** Checks what came about, and counts the streams that ended as they should. */
function judge({ clients, servers }: Talks): Pick<Outcome, "finished" | "broken"> {
  let finished = 0;
  let broken = 0;
  for (const side of [...clients.values(), ...servers.values()]) assertEquals(side.wrong, 0);
  for (const [key, client] of clients) {
    // Behind an address translator the server sees another address.
    const server = servers.get(key);
    if (server === undefined) continue;
    assert(client.received <= server.sent && server.received <= client.sent);
    if (client.outcome === null && server.outcome === null) {
      finished++;
      assertEquals([client.received, server.received], [server.sent, client.sent]);
      assert(client.ended && server.ended);
    } else if (client.outcome) {
      broken++;
    }
  }
  return { finished, broken };
}

function keyOf(address: StreamAddress): string {
  return "path" in address ? address.path : `${address.hostname} ${address.port}`;
}

/** Connects again and again, sends for a while each time, and ends. */
function startClient(host: SimulatedHost, talks: Talks): void {
  const loop = new EventLoop({ poller: host.poller() });
  const connect = async (): Promise<void> => {
    const side = new Side();
    try {
      const stream = await loop.connectStream({
        hostname: "10.0.0.1",
        port: 80,
        handlers: side,
        connectTimeoutMs: 3000,
      });
      talks.clients.set(keyOf(stream.localAddress), side);
      side.sending = loop.every(20, () => side.send(stream, 300));
      loop.callLater(500 + loop.random.next() * 2500, () => {
        side.sending?.cancel();
        stream.end();
      });
    } catch (error) {
      assertEquals((error as Error).name, "StreamError");
    }
    loop.callLater(loop.random.next() * 1000, connect);
  };
  loop.callSoon(connect);
}

Deno.test("Simulated streams bring what was sent or break, whatever happens to the network", async () => {
  let finished = 0;
  let broken = 0;
  await forEachSeed({ count: 5 }, async (seed) => {
    const outcome = await talk(seed);
    finished += outcome.finished;
    broken += outcome.broken;
    if (seed % 100 === 1) assertEquals(await talk(seed), outcome);
  });
  assert(finished > 0 && broken > 0);
});
