/**
 * Datagrams and streams on the epoll poller while everything that nobody holds is collected again
 * and again (`--v8-flags=--expose-gc`): memory that only a system call points to would be gone.
 * Prints how many bytes came back as they were sent.
 *
 * @module
 */
import { type DatagramSocket, EventLoop, type StreamSocket } from "../../../loop/mod.ts";

const ROUNDS = 8;
const DATAGRAMS = 70;
const PIECES = 40;
const PIECE_BYTES = 9000;

declare const gc: () => void;

await using loop = new EventLoop({ poller: "epoll" });

/** Bytes that tell their round and place. */
function pattern(length: number, round: number, place: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i + 7 * round + 31 * place) & 0xff);
}

/** How many bytes are as they were sent. */
function compare(got: Uint8Array, wanted: Uint8Array): number {
  return got.length === wanted.length && got.every((byte, i) => byte === wanted[i])
    ? got.length
    : 0;
}

let right = 0;
let round = 0;
let missing = 0;
let done = Promise.withResolvers<void>();
const bind = (onBatch: (bytes: Uint8Array, index: number) => void): Promise<DatagramSocket> => {
  let index = 0;
  return loop.bindDatagram({
    onBatch: (batch) => {
      for (let i = 0; i < batch.count; i++, index = (index + 1) % DATAGRAMS) {
        onBatch(batch.bytes.subarray(batch.start(i), batch.end(i)), index);
      }
      gc();
    },
  });
};
const to = await bind((bytes, index) => {
  right += compare(bytes, pattern(300 + index, round, index));
  if (--missing === 0) done.resolve();
});
const from = await bind(() => undefined);

/** Datagrams from memory that is given up at once, to an address that is interned anew. */
async function exchangeDatagrams(): Promise<void> {
  done = Promise.withResolvers();
  missing = DATAGRAMS;
  for (let i = 0; i < DATAGRAMS; i++) {
    const peer = from.peers.internAddress("127.0.0.1", to.localAddress.port);
    from.send(peer, pattern(300 + i, round, i));
  }
  gc();
  await done.promise;
}

const received: Uint8Array[] = [];
const echo = await loop.listenStream({
  hostname: "127.0.0.1",
  onConnection: () => ({
    onData: (chunk: Uint8Array, stream: StreamSocket) => {
      stream.write(chunk);
      gc();
    },
  }),
});
const stream = await loop.connectStream({
  hostname: "127.0.0.1",
  port: (echo.localAddress as { port: number }).port,
  handlers: {
    onData: (chunk) => {
      received.push(chunk.slice());
      missing -= chunk.length;
      if (missing === 0) done.resolve();
    },
  },
});

/** Pieces that are borrowed and referenced by nobody else, gathered into few calls. */
async function exchangePieces(): Promise<void> {
  done = Promise.withResolvers();
  missing = PIECES * PIECE_BYTES;
  received.length = 0;
  for (let i = 0; i < PIECES; i++) {
    stream.write(pattern(PIECE_BYTES, round, i), { borrowed: i % 2 === 0 });
  }
  gc();
  await done.promise;
  const bytes = new Uint8Array(await new Blob(received as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  for (let i = 0; i < PIECES; i++) {
    const piece = bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
    right += compare(piece, pattern(PIECE_BYTES, round, i));
  }
}

let datagramBytes = 0;
for (let i = 0; i < DATAGRAMS; i++) datagramBytes += 300 + i;
for (; round < ROUNDS; round++) {
  await exchangeDatagrams();
  await exchangePieces();
}
console.log(JSON.stringify({ right, sent: ROUNDS * (datagramBytes + PIECES * PIECE_BYTES) }));
