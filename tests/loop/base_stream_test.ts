import { assertEquals, assertRejects } from "@std/assert";
import { BaseStream } from "../../loop/base_stream.ts";
import {
  BlockPool,
  EventLoop,
  StreamError,
  type StreamHandlers,
  type StreamOptions,
} from "../../loop/mod.ts";
import { ScriptedPoller } from "./scripted_poller.ts";

/** A stream whose I/O is done by the test. */
class ManualStream extends BaseStream {
  readonly log: string[];

  constructor(poller: ScriptedPoller, settings: StreamOptions) {
    super({
      host: poller.host,
      pool: new BlockPool(),
      localAddress: { path: "here" },
      remoteAddress: { path: "there" },
      settings,
      onGone: () => void this.log.push("gone"),
    });
    this.log = poller.log;
  }

  arrive(text: string): void {
    this.received(new TextEncoder().encode(text));
  }

  arriveEnd(): void {
    this.peerEnded();
  }

  send(): void {
    const bytes = this.queue.peek();
    if (bytes !== null) this.sent(bytes.length);
    if (this.endRequested && this.queue.length === 0) this.ownEnded();
  }

  breakDown(during: "read" | "write"): void {
    this.broken(new StreamError("Broken", { code: "reset" }), during);
  }

  protected wantRead(): void {
    this.log.push("want read");
  }

  protected wantWrite(): void {
    this.log.push("want write");
  }

  protected release({ reset }: { reset: boolean }): void {
    this.log.push(reset ? "reset" : "release");
  }
}

interface Scene {
  stream: ManualStream;
  poller: ScriptedPoller;
  /** What happened since the last time it was asked, the loop's own steps left out. */
  happened: () => string[];
  /** Does something in the I/O phase of the next iteration. */
  io: (act: () => void) => Promise<void>;
}

function makeScene(
  options: StreamOptions & { handlers?: Partial<StreamHandlers>; onError?: () => void } = {},
): Scene {
  const poller = new ScriptedPoller();
  const { log } = poller;
  const loop = new EventLoop({ poller, onError: () => void log.push("error") });
  const stream = new ManualStream(poller, options);
  stream.open({
    onData: (chunk) => void log.push(`data ${new TextDecoder().decode(chunk)}`),
    onEnd: () => void log.push("end"),
    onDrain: () => void log.push("drain"),
    onClose: (_, error) => void log.push(`close ${error?.code ?? null}`),
    ...options.handlers,
  });
  const io = async (act: () => void): Promise<void> => {
    loop.callSoon(() => {});
    poller.ready.push(act);
    await loop.run();
  };
  const own = /^(poll|respond|responded)/;
  return { stream, poller, io, happened: () => log.splice(0).filter((each) => !own.test(each)) };
}

const bytes = (length: number): Uint8Array => new Uint8Array(length);

Deno.test("BaseStream hands over in the callback phase and asks for more then", async () => {
  const { stream, poller, io } = makeScene();
  await io(() => stream.arrive("hello"));
  const expected = ["want read", "poll 0", "respond", "responded", "data hello", "want read"];
  assertEquals(poller.log.slice(0, expected.length), expected);
});

Deno.test("BaseStream.pause() keeps back what has arrived already", async () => {
  const { stream, io, happened } = makeScene();
  await io(() => {
    stream.arrive("one");
    stream.pause();
  });
  assertEquals(happened(), ["want read"]);
  await io(() => stream.resume());
  assertEquals(happened(), ["data one", "want read"]);
});

Deno.test("BaseStream.pause() keeps a copy, as the chunk's memory is used again", async () => {
  const { stream, io, happened } = makeScene();
  const chunk = new TextEncoder().encode("one");
  await io(() => {
    (stream as unknown as { received(chunk: Uint8Array): void }).received(chunk);
    stream.pause();
  });
  chunk.fill(0);
  await io(() => stream.resume());
  assertEquals(happened(), ["want read", "data one", "want read"]);
});

Deno.test("BaseStream tells data, then the end, then the close", async () => {
  const { stream, io, happened } = makeScene();
  stream.end();
  await io(() => {
    stream.send();
    stream.arrive("last");
    stream.arriveEnd();
  });
  assertEquals(happened(), [
    "want read",
    "want write",
    "data last",
    "end",
    "release",
    "gone",
    "close null",
  ]);
});

Deno.test("BaseStream goes on telling when a handler throws", async () => {
  const { stream, io, happened } = makeScene({
    handlers: {
      onData: () => {
        throw new RangeError("Not today");
      },
    },
  });
  stream.end();
  await io(() => {
    stream.send();
    stream.arrive("last");
    stream.arriveEnd();
  });
  assertEquals(happened().slice(2), ["error", "end", "release", "gone", "close null"]);
});

Deno.test("BaseStream still reads when only sending is broken", async () => {
  const { stream, io, happened } = makeScene();
  stream.write(bytes(10));
  await io(() => stream.breakDown("write"));
  assertEquals([stream.closed, stream.writable, stream.queuedBytes], [false, false, 0]);
  assertEquals((await assertRejects(() => stream.drained(), StreamError)).code, "reset");
  await io(() => stream.arrive("last words"));
  await io(() => stream.arriveEnd());
  assertEquals(happened().slice(2), [
    "data last words",
    "want read",
    "reset",
    "gone",
    "close reset",
  ]);
});

Deno.test("BaseStream doesn't wait for a reader that is paused when sending is broken", async () => {
  const first = makeScene();
  first.stream.pause();
  await first.io(() => first.stream.breakDown("write"));
  assertEquals(first.happened().at(-1), "close reset");
  const second = makeScene();
  await second.io(() => second.stream.breakDown("write"));
  assertEquals(second.stream.closed, false);
  await second.io(() => second.stream.pause());
  assertEquals(second.happened().at(-1), "close reset");
});

Deno.test("BaseStream tells of a drain once it is below the low watermark", async () => {
  const { stream, io, happened } = makeScene({ highWatermark: 10, lowWatermark: 0 });
  stream.write(bytes(9));
  await io(() => stream.send());
  assertEquals(happened(), ["want read", "want write"]);
  stream.write(bytes(10));
  const drained = stream.drained();
  await io(() => stream.send());
  await drained;
  assertEquals(happened(), ["want write", "drain"]);
});

Deno.test("BaseStream.terminate() before it is opened is told by open()", async () => {
  const poller = new ScriptedPoller();
  const loop = new EventLoop({ poller });
  const stream = new ManualStream(poller, {});
  stream.terminate();
  const calls: string[] = [];
  stream.open({ onData: () => {}, onClose: () => void calls.push("close") });
  await loop.run();
  assertEquals(calls, ["close"]);
});

Deno.test("BaseStream.drop() tells nobody", async () => {
  const { stream, io, happened } = makeScene();
  stream.write(bytes(70_000));
  const waiting = assertRejects(() => stream.drained(), StreamError);
  const disposed = stream[Symbol.asyncDispose]();
  stream.drop();
  await disposed;
  assertEquals((await waiting).code, "closed");
  await io(() => {});
  assertEquals(happened(), ["want read", "want write", "want write", "release", "gone"]);
});

Deno.test("BaseStream[Symbol.asyncDispose]() closes at once when the loop has stopped", async () => {
  const poller = new ScriptedPoller();
  const loop = new EventLoop({ poller });
  const stream = new ManualStream(poller, {});
  stream.open({ onData: () => {} });
  stream.write(bytes(10));
  await loop.stop();
  await stream[Symbol.asyncDispose]();
  assertEquals(stream.closed, true);
});
