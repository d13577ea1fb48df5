import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { EventLoop, PeerTable, SimulatedNetwork } from "../../loop/mod.ts";
import { type CommitGroup, CommitQueue, MAX_HELD } from "../../modstamp/_commit_queue.ts";
import { type ModstampStore, StoreError } from "../../modstamp/mod.ts";
import { ManualStore } from "./manual_store.ts";

const NAMES = ["a", "b", "c"];

/** A queue over a store that waits for the test, and what it has reported. */
class Setup implements Disposable {
  readonly network = new SimulatedNetwork({ seed: 1 });
  readonly loop = new EventLoop({
    poller: this.network.host("10.0.0.1").poller(),
    onError: (error) => void this.errors.push(error),
  });
  readonly store = new ManualStore();
  readonly peers = new PeerTable();
  readonly committed: string[] = [];
  readonly failed: string[] = [];
  readonly errors: unknown[] = [];
  readonly queue: CommitQueue;
  onReport: () => void = () => {};

  constructor(store: ModstampStore | null = null) {
    this.queue = new CommitQueue({
      loop: this.loop,
      store: store ?? this.store,
      peers: this.peers,
      onCommitted: (group) => {
        this.committed.push(describe(group));
        this.onReport();
      },
      onFailed: (group, error) => {
        this.failed.push(describe(group));
        this.errors.push(error);
        this.onReport();
      },
    });
  }

  change(name: string, value: string): void {
    const id = NAMES.indexOf(name);
    this.queue.change({ id, name, value: new TextEncoder().encode(value) });
  }

  hold(text: string): void {
    const peer = this.peers.internAddress("127.0.0.1", 1);
    assert(this.queue.held.send(peer, new TextEncoder().encode(text)));
  }

  pending(name: string): string | undefined {
    const value = this.queue.pending(name);
    return value && new TextDecoder().decode(value);
  }

  async settle(): Promise<void> {
    await this.network.advance(1);
  }

  [Symbol.dispose](): void {
    this.network.close();
  }
}

/** A group's changes and held replies. */
function describe({ changes, held }: CommitGroup): string {
  const texts = changes.map(({ id, value }) => `${NAMES[id]}=${new TextDecoder().decode(value)}`);
  for (let i = 0; i < held.count; i++) {
    const start = held.starts[i]!;
    texts.push(new TextDecoder().decode(held.bytes.subarray(start, start + held.lengths[i]!)));
  }
  return texts.join(" ");
}

Deno.test("CommitQueue reports changes and replies only once they are durable", async () => {
  using setup = new Setup();
  setup.change("a", "1");
  setup.hold("M");
  setup.queue.flush();
  await setup.settle();
  assertEquals([setup.committed, setup.store.commits], [[], [{ a: "1" }]]);
  setup.store.succeed();
  assertEquals(setup.committed, [], "not before the loop's next iteration");
  await setup.settle();
  assertEquals(setup.committed, ["a=1 M"]);
});

Deno.test("CommitQueue commits what gathers during a commit together, the last value of each id", async () => {
  using setup = new Setup();
  setup.change("a", "1");
  setup.queue.flush();
  for (const [name, value] of [["a", "2"], ["b", "1"], ["a", "3"], ["b", ""]] as const) {
    setup.change(name, value);
    setup.hold(`M-${name}`);
    setup.queue.flush();
  }
  await setup.settle();
  assertEquals(setup.store.commits.length, 1);
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.store.commits, [{ a: "1" }, { a: "3", b: "" }]);
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.committed, ["a=1", "a=2 b=1 a=3 b= M-a M-b M-a M-b"]);
  assertEquals(setup.store.busy, false);
});

Deno.test("CommitQueue waits a moment for those whom it has just answered", async () => {
  using setup = new Setup();
  const send = (name: string): void => {
    setup.change(name, `${setup.store.commits.length}`);
    setup.hold(`M-${name}`);
    setup.queue.flush();
  };
  send("a");
  send("b");
  // Two who take turns otherwise: `a` comes back three iterations after it was answered.
  setup.onReport = () => {
    const comeBack = (turns: number): void => {
      if (turns === 0) send("a");
      else setup.loop.callSoon(() => comeBack(turns - 1));
    };
    comeBack(3);
  };
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.store.commits, [{ a: "0" }, { b: "1", a: "1" }]);
});

Deno.test("CommitQueue sends replies at once when nothing changes", async () => {
  using setup = new Setup();
  setup.hold("M");
  setup.queue.flush();
  assertEquals(setup.committed, ["M"]);
  await setup.settle();
  assertEquals(setup.store.commits, []);
});

Deno.test("CommitQueue keeps replies back while a commit is under way", async () => {
  using setup = new Setup();
  setup.change("a", "1");
  setup.queue.flush();
  setup.hold("M");
  setup.queue.flush();
  await setup.settle();
  assertEquals(setup.committed, []);
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.committed, ["a=1", "M"]);
});

Deno.test("CommitQueue.pending() tells the value that is on its way", async () => {
  using setup = new Setup();
  assertEquals(setup.pending("a"), undefined);
  setup.change("a", "1");
  setup.change("b", "");
  assertEquals([setup.pending("a"), setup.pending("b")], ["1", ""]);
  setup.queue.flush();
  assertEquals([setup.pending("a"), setup.pending("b")], ["1", ""]);
  setup.change("a", "2");
  assertEquals(setup.pending("a"), "2");
  setup.store.succeed();
  await setup.settle();
  assertEquals([setup.pending("a"), setup.pending("b")], ["2", undefined]);
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.pending("a"), undefined);
});

Deno.test("CommitQueue gives up with a failed commit what was answered as if it had succeeded", async () => {
  using setup = new Setup();
  setup.change("a", "1");
  setup.hold("M-a1");
  setup.queue.flush();
  setup.hold("M-a1-again");
  setup.change("b", "1");
  setup.queue.flush();
  setup.store.fail();
  await setup.settle();
  assertEquals([setup.committed, setup.failed], [[], ["a=1 b=1 M-a1"]]);
  assertInstanceOf(setup.errors[0], StoreError);
  assertEquals(setup.pending("b"), undefined);
  setup.change("c", "1");
  setup.hold("M-c");
  setup.queue.flush();
  setup.store.succeed();
  await setup.settle();
  assertEquals(setup.committed, ["c=1 M-c"]);
  assertEquals(setup.store.commits, [{ a: "1" }, { c: "1" }]);
});

Deno.test("CommitQueue takes a store that throws as one that fails", async () => {
  const store: ModstampStore = {
    load: () => Promise.resolve(),
    commit: () => {
      throw new TypeError("Cannot commit as this store is broken");
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  using setup = new Setup(store);
  for (const value of ["1", "2"]) {
    setup.change("a", value);
    setup.queue.flush();
    await setup.settle();
  }
  assertEquals(setup.failed, ["a=1", "a=2"]);
});

Deno.test("CommitQueue goes on when a report throws", async () => {
  using setup = new Setup();
  setup.onReport = () => {
    throw new TypeError("Cannot take the report");
  };
  setup.change("a", "1");
  setup.queue.flush();
  for (const [value, end] of [["2", "succeed"], ["3", "succeed"], ["4", "fail"]] as const) {
    setup.change("a", value);
    setup.store[end]();
    await setup.settle();
  }
  assertEquals([setup.committed, setup.failed], [["a=1", "a=2"], ["a=3 a=4"]]);
  assertEquals(setup.errors.length, 4);
});

Deno.test("CommitQueue releases the peers of replies, sent or given up", async () => {
  using setup = new Setup();
  const peers = new PeerTable({ maxPeers: 1 });
  const queue = new CommitQueue({
    loop: setup.loop,
    store: setup.store,
    peers,
    onCommitted() {},
    onFailed() {},
  });
  for (const [port, end] of [[1, "succeed"], [2, "fail"], [3, "succeed"]] as const) {
    const peer = peers.internAddress("127.0.0.1", port);
    assert(peer >= 0, "the peer before is released");
    queue.held.send(peer, new Uint8Array(1));
    queue.change({ id: 0, name: "a", value: new Uint8Array(port) });
    assertEquals(peers.internAddress("127.0.0.1", 9), -1);
    queue.flush();
    setup.store[end]();
    await setup.settle();
  }
});

Deno.test("CommitQueue holds a bounded number of replies", () => {
  using setup = new Setup();
  for (let i = 0; i < MAX_HELD; i++) setup.hold("M");
  assertEquals(setup.queue.held.open(1), -1);
});

Deno.test("CommitQueue.drain() commits everything and waits for it", async () => {
  using setup = new Setup();
  setup.change("a", "1");
  setup.queue.flush();
  setup.change("a", "2");
  setup.hold("M");
  let drained = false;
  const draining = setup.queue.drain().then(() => drained = true);
  for (let i = 0; i < 2; i++) {
    await setup.settle();
    assertEquals(drained, false);
    setup.store.succeed();
  }
  await setup.settle();
  await draining;
  assertEquals(setup.committed, ["a=1", "a=2 M"]);
  await setup.queue.drain();
});

Deno.test("ManualStore.commit() fails when a commit is under way", async () => {
  const store = new ManualStore();
  const first = store.commit(new Map());
  await assertRejects(async () => await store.commit(new Map()), StoreError);
  store.succeed();
  await first;
});
