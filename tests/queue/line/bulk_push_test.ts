import { assertEquals, assertRejects } from "@std/assert";
import { EventLoop, StreamError } from "../../../loop/mod.ts";
import { BulkPush } from "../../../queue/line/bulk_push.ts";
import { LineServer, MemoryJobStore } from "../../../queue/mod.ts";

interface Scene {
  readonly store: MemoryJobStore;
  readonly server: LineServer;
  readonly bulk: BulkPush;
  readonly reasons: string[];
}

async function withScene(maxJobs: number, test: (scene: Scene) => Promise<void>): Promise<void> {
  await using loop = new EventLoop({ poller: "portable" });
  await using store = new MemoryJobStore({ loop, maxJobs });
  await using server = await LineServer.listen({ loop, store, port: 0 });
  const { port } = server.address as { port: number };
  const reasons: string[] = [];
  const onRefused = (reason: string): void => void reasons.push(reason);
  const bulk = new BulkPush({ hostname: "127.0.0.1", port, loop, onRefused });
  await test({ store, server, bulk, reasons });
}

function streamOf(...texts: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
}

Deno.test("BulkPush.finish() waits until all is durable, and counts what was refused", async () => {
  await withScene(10_000, async ({ store, bulk, reasons }) => {
    await bulk.send(streamOf('{"job":"a"}\n\n{"jo', 'b":"b"}'));
    await bulk.send(streamOf("nonsense\n", "more nonsense\n".repeat(5000)));
    await bulk.finish();
    assertEquals([bulk.lines, bulk.refused, store.stats().ready], [5003, 5001, 2]);
    assertEquals(reasons[0], "line 3: Cannot take job as it is no JSON");
    assertEquals(/^Cannot take \d+ further lines$/.test(reasons.at(-1)!), true);
  });
});

Deno.test("BulkPush.send() waits while the store is full, until it is aborted", async () => {
  await withScene(10, async ({ store, bulk }) => {
    const abort = new AbortController();
    await bulk.send(streamOf('{"job":"a"}\n'.repeat(20)));
    const finishing = bulk.finish({ signal: abort.signal });
    await store.reserve({ tubes: ["default"], max: 1 });
    abort.abort(new DOMException("Enough", "AbortError"));
    await assertRejects(() => finishing, DOMException, "Enough");
    assertEquals(store.stats().totals.pushed <= 10, true);
  });
});

Deno.test("BulkPush.finish() hears that all is stored from a server that stops", async () => {
  await withScene(1, async ({ store, server, bulk }) => {
    await bulk.send(streamOf('{"job":"a"}\n{"job":"b"}\n'));
    const finishing = bulk.finish();
    await store.reserve({ tubes: ["default"] });
    await server[Symbol.asyncDispose]();
    await finishing;
    assertEquals([bulk.refused, store.stats().totals.pushed], [0, 2]);
  });
});

Deno.test("BulkPush.finish() fails when the server ends without a word, as if it was killed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using loop = new EventLoop({ poller: "portable" });
  const { port } = listener.addr as Deno.NetAddr;
  const bulk = new BulkPush({ hostname: "127.0.0.1", port, loop, onRefused: () => undefined });
  const accepted = listener.accept();
  await bulk.send(streamOf('{"job":"a"}\n'));
  const finishing = assertRejects(() => bulk.finish(), StreamError, "Cannot tell whether all");
  {
    using connection = await accepted;
    const buffer = new Uint8Array(1024);
    while (await connection.read(buffer) !== null);
  }
  await finishing;
});

Deno.test("BulkPush.send() says when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using loop = new EventLoop({ poller: "portable" });
  const bulk = new BulkPush({ hostname: "127.0.0.1", port, loop, onRefused: () => undefined });
  await assertRejects(() => bulk.send(streamOf("{}")), StreamError, "nobody listens");
});

Deno.test("BulkPush.send() holds back the beginning of a line until it has come whole", async () => {
  await withScene(10, async ({ store, bulk }) => {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const sending = bulk.send(readable);
    for (const text of ['{"job":"a"}\n{"jo', 'b":', '"b"}']) {
      await writer.write(new TextEncoder().encode(text));
    }
    await store.reserve({ tubes: ["default"] });
    assertEquals(bulk.bytes, 12);
    await writer.close();
    await sending;
    await bulk.finish();
    assertEquals([bulk.bytes, bulk.lines, store.stats().totals.pushed], [24, 2, 2]);
  });
});

Deno.test("BulkPush.send() sends a line that is longer than it holds back", async () => {
  await withScene(10, async ({ bulk, reasons }) => {
    await bulk.send(streamOf("x".repeat(800_000), "x".repeat(800_000), '\n{"job":"a"}'));
    await bulk.finish();
    assertEquals([bulk.lines, reasons.length, bulk.bytes], [2, 1, 1_600_013]);
  });
});
