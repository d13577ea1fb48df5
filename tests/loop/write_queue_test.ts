import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { BlockPool, WriteQueue, type WriteQueueOptions } from "../../loop/mod.ts";

function makeQueue(options: Partial<WriteQueueOptions> = {}): WriteQueue {
  return new WriteQueue({ pool: new BlockPool(), ...options });
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const peek = (queue: WriteQueue): string | null => {
  const bytes = queue.peek();
  return bytes && new TextDecoder().decode(bytes);
};

Deno.test("WriteQueue gives out in order what was pushed, whatever the sizes", () => {
  const step = fc.oneof(
    fc.record({
      push: fc.oneof(fc.nat(100), fc.nat(20_000), fc.nat(150_000)),
      borrowed: fc.boolean(),
    }),
    fc.record({ shift: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = makeQueue();
      let pushed = 0;
      let shifted = 0;
      const take = (piece: Uint8Array): void => {
        const wrong = piece.findIndex((byte, i) => byte !== (shifted + i) % 251);
        assertEquals(wrong, -1);
        shifted += piece.length;
        queue.shift(piece.length);
      };
      for (const each of steps) {
        if ("push" in each) {
          const bytes = Uint8Array.from({ length: each.push }, () => pushed++ % 251);
          queue.push(bytes, { borrowed: each.borrowed });
          if (!each.borrowed) bytes.fill(255);
        } else {
          const piece = queue.peek();
          if (piece !== null) take(piece.subarray(0, Math.ceil(piece.length * each.shift)));
        }
        assertEquals(queue.length, pushed - shifted);
      }
      for (let piece = queue.peek(); piece !== null; piece = queue.peek()) take(piece);
      assertEquals([shifted, queue.length], [pushed, 0]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("WriteQueue.push() joins small writes in few pieces", () => {
  const queue = makeQueue();
  for (let i = 0; i < 10_000; i++) queue.push(encode("0123456"));
  let pieces = 0;
  for (let piece = queue.peek(); piece !== null; piece = queue.peek()) {
    pieces++;
    queue.shift(piece.length);
  }
  assert(pieces <= 4, `${pieces} pieces`);
});

Deno.test("WriteQueue.push() leaves large borrowed bytes where they are", () => {
  const queue = makeQueue();
  const bytes = new Uint8Array(100_000);
  queue.push(encode("a"));
  queue.push(bytes, { borrowed: true });
  queue.push(encode("b"));
  assertEquals(peek(queue), "a");
  queue.shift(1);
  assert(queue.peek()!.buffer === bytes.buffer);
  queue.shift(99_999);
  assertEquals([queue.peek()!.byteOffset, queue.peek()!.length], [99_999, 1]);
  queue.shift(1);
  assertEquals(peek(queue), "b");
});

Deno.test("WriteQueue.push() leaves short borrowed bytes where they are when they are alone", () => {
  const queue = new WriteQueue({ pool: new BlockPool() });
  const short = new Uint8Array(100);
  queue.push(short, { borrowed: true });
  assert(queue.peek() === short);
  queue.push(short, { borrowed: true });
  queue.push(short, { borrowed: true });
  assertEquals(queue.peek(1)!.length, 200);
  queue.shift(50);
  assertEquals(queue.peek()!.length, 50);
  assert(queue.peek()!.buffer === short.buffer);
});

Deno.test("WriteQueue.peek() stays valid while more is pushed", () => {
  const queue = makeQueue();
  queue.push(encode("first"));
  const piece = queue.peek()!;
  for (let i = 0; i < 5000; i++) queue.push(encode("second"));
  assertEquals(new TextDecoder().decode(piece), "first");
});

Deno.test("WriteQueue.shift() gives blocks back that are sent", () => {
  const pool = new BlockPool();
  const queue = makeQueue({ pool });
  queue.push(encode("x"));
  const block = queue.peek()!.buffer;
  queue.shift(1);
  assert(pool.take(1).buffer === block);
});

Deno.test("WriteQueue.shift() tells when a full queue has drained", () => {
  const queue = makeQueue({ highWatermark: 10, lowWatermark: 2 });
  assertEquals(queue.push(new Uint8Array(9)), true);
  assertEquals([queue.full, queue.shift(9)], [false, false]);
  assertEquals(queue.push(new Uint8Array(10)), false);
  assertEquals([queue.full, queue.drained], [true, false]);
  assertEquals(queue.push(new Uint8Array(0)), false);
  assertEquals([queue.shift(7), queue.full], [false, true]);
  assertEquals([queue.shift(1), queue.full, queue.drained], [true, false, true]);
  assertEquals(queue.push(new Uint8Array(1)), true);
});

Deno.test("WriteQueue.clear() forgets everything and its memory", () => {
  const pool = new BlockPool();
  const queue = makeQueue({ pool, highWatermark: 1 });
  queue.push(encode("x"));
  const block = queue.peek()!.buffer;
  queue.clear();
  assertEquals([queue.length, queue.full, queue.peek()], [0, false, null]);
  assert(pool.take(1).buffer !== block);
});

Deno.test("WriteQueue refuses watermarks that are out of order", () => {
  const wrong = [{ highWatermark: 0 }, { highWatermark: NaN }, { lowWatermark: -1 }, {
    highWatermark: 10,
    lowWatermark: 11,
  }];
  for (const options of wrong) assertThrows(() => makeQueue(options), RangeError);
  assertEquals(makeQueue({ highWatermark: 10 }).push(new Uint8Array(10)), false);
});
