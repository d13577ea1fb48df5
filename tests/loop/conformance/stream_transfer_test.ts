import { assert, assertEquals } from "@std/assert";
import { SeededRandom, type StreamSocket } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair } from "./stream_pair.ts";

const TOTAL = 10_000_000;
const PATTERN = new SeededRandom(1).bytes(65_537);

/** The bytes of an endless run that doesn't repeat itself at any power of two. */
function patternAt(at: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const from = (at + done) % PATTERN.length;
    const part = PATTERN.subarray(from, from + length - done);
    bytes.set(part, done);
    done += part.length;
  }
  return bytes;
}

/** Checks that what arrives is the pattern. */
function patternReader(): (chunk: Uint8Array) => void {
  let at = 0;
  return (chunk) => {
    const expected = patternAt(at, chunk.length);
    const wrong = chunk.findIndex((byte, i) => byte !== expected[i]);
    assertEquals(wrong, -1, `The byte at ${at + wrong} is wrong`);
    at += chunk.length;
  };
}

async function writePattern(stream: StreamSocket, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  for (let at = 0; at < TOTAL;) {
    const most = random.next() < 0.5 ? 200 : 200_000;
    const length = Math.min(TOTAL - at, 1 + Math.floor(random.next() * most));
    const borrowed = random.next() < 0.5;
    if (!stream.write(patternAt(at, length), { borrowed })) await stream.drained();
    at += length;
  }
  stream.end();
}

eachPoller("StreamSocket.write() keeps 10 MB in order both ways at once", async (world) => {
  const { server, client } = await connectPair(world, {
    server: { onData: patternReader(), halfOpen: true },
    client: { onData: patternReader(), halfOpen: true },
  });
  await Promise.all([writePattern(server.stream, 2), writePattern(client.stream, 3)]);
  const errors = await Promise.all([server.told.closed(), client.told.closed()]);
  assertEquals(errors, [null, null]);
  assertEquals([server.told.received, client.told.received], [TOTAL, TOTAL]);
});

eachPoller("StreamSocket.write() sends many small writes in order", async (world) => {
  const { server, client } = await connectPair(world);
  let expected = "";
  for (let i = 0; i < 5000; i++) {
    client.stream.write(bytesOf(`${i},`));
    expected += `${i},`;
  }
  client.stream.end();
  await server.told.closed();
  assertEquals(server.told.text, expected);
});

eachPoller("StreamSocket.write() copies what it is given", async (world) => {
  const { server, client } = await connectPair(world);
  for (const size of [10, 5000, 100_000]) {
    const bytes = new Uint8Array(size).fill(97);
    client.stream.write(bytes);
    bytes.fill(98);
  }
  client.stream.end();
  await server.told.closed();
  assertEquals(server.told.text, "a".repeat(105_010));
});

eachPoller("StreamSocket.write() counts what the system has not taken", async (world) => {
  const { client } = await connectPair(world);
  assertEquals(client.stream.queuedBytes, 0);
  client.stream.write(bytesOf("hello"));
  assertEquals(client.stream.queuedBytes, 5);
  assert(client.stream.write(new Uint8Array(0)));
  assertEquals(client.stream.queuedBytes, 5);
});

eachPoller("StreamHandlers.onData() may write what it is given", async (world) => {
  const { client } = await connectPair(world, {
    server: { onData: (chunk, stream) => void stream.write(chunk) },
  });
  for (let i = 0; i < 100; i++) {
    client.stream.write(bytesOf(`${i % 10}`));
    await client.told.until(() => client.told.received === i + 1);
  }
  assertEquals(client.told.text, "0123456789".repeat(10));
});

eachPoller("StreamSocket.localAddress is the peer's remoteAddress", async (world) => {
  const { server, client, listener } = await connectPair(world);
  assertEquals(client.stream.localAddress, server.stream.remoteAddress);
  assertEquals(client.stream.remoteAddress, server.stream.localAddress);
  assertEquals(client.stream.remoteAddress, listener.localAddress);
  assertEquals(client.stream.alpnProtocol, null);
});
