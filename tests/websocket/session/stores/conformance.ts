import { assert, assertEquals } from "@std/assert";
import type { Clock } from "../../../../loop/mod.ts";
import type { SessionStore } from "../../../../websocket/mod.ts";

/** A clock that stands still until it is told the time. */
export class ManualClock implements Clock {
  now = 1_000_000;

  monotonicMs(): number {
    return this.now;
  }

  wallMs(): number {
    return this.now;
  }
}

const SIZES = [0, 1, 60_000, 60_001, 65_537, 1_500_000];

type Test = (
  what: string,
  run: (store: SessionStore, clock: ManualClock) => Promise<void>,
) => void;

/** One that needs no clock of its own. */
type PlainTest = (what: string, run: (store: SessionStore) => Promise<void>) => void;

/** Tests what every store of sessions has to do. */
export function testStore(name: string, open: (clock: Clock) => Promise<SessionStore>): void {
  const test: Test = (what, run) =>
    Deno.test(`${name}.${what}`, async () => {
      const clock = new ManualClock();
      await using store = await open(clock);
      await run(store, clock);
    });
  testWrites(test);
  testEnds(test);
  testDeletes(test);
}

/** Those of the tests that need no clock of theirs. */
export function testStoreInRealTime(test: PlainTest): void {
  testWrites(test);
  testDeletes(test);
}

function testWrites(test: PlainTest): void {
  test("read() gives what was written, whatever its size", async (store) => {
    assertEquals(await store.read("a"), null);
    let version: string | null = null;
    for (const size of [...SIZES, ...SIZES.toReversed()]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + size);
      version = await store.write("a", { bytes, version, ttlMs: 60_000 });
      assert(version !== null);
      assertEquals(await store.read("a"), { bytes, version });
    }
  });

  test("write() refuses another version", async (store) => {
    const write = (text: number, version: string | null) =>
      store.write("a", { bytes: Uint8Array.of(text), version, ttlMs: 60_000 });
    const first = await write(1, null);
    assertEquals(await write(2, null), null);
    const second = await write(2, first);
    assert(second !== null && second !== first);
    assertEquals(await write(3, first), null);
    assertEquals((await store.read("a"))?.bytes, Uint8Array.of(2));
  });

  test("write() lets one of several win", async (store) => {
    const bytes = new Uint8Array(100_000);
    const version = await store.write("a", { bytes, version: null, ttlMs: 60_000 });
    const writes = Array.from(
      { length: 5 },
      (_, i) => store.write("a", { bytes: new Uint8Array(100_000).fill(i), version, ttlMs: 1e5 }),
    );
    const results = await Promise.all(writes);
    const winner = results.findIndex((result) => result !== null);
    assertEquals(results.filter((result) => result !== null).length, 1);
    assertEquals((await store.read("a"))?.bytes, new Uint8Array(100_000).fill(winner));
  });
}

function testEnds(test: Test): void {
  test("read() gives nothing that has expired", async (store, clock) => {
    const bytes = Uint8Array.of(1);
    const version = await store.write("a", { bytes, version: null, ttlMs: 60_000 });
    clock.now += 59_999;
    assert(await store.read("a") !== null);
    clock.now += 1;
    assertEquals(await store.read("a"), null);
    assertEquals(await store.touch("a", 1000), false);
    assertEquals(await store.delete("a"), false);
    assertEquals(await store.write("a", { bytes, version, ttlMs: 60_000 }), null);
    assert(await store.write("a", { bytes, version: null, ttlMs: 60_000 }) !== null);
  });

  test("touch() lets a session live on", async (store, clock) => {
    assertEquals(await store.touch("a", 60_000), false);
    for (const size of [1, 200_000]) {
      const bytes = new Uint8Array(size);
      const current = await store.read("a");
      await store.write("a", { bytes, version: current?.version ?? null, ttlMs: 60_000 });
      clock.now += 50_000;
      assertEquals(await store.touch("a", 60_000), true);
      clock.now += 50_000;
      assertEquals((await store.read("a"))?.bytes, bytes);
    }
  });
}

function testDeletes(test: PlainTest): void {
  test("delete() deletes what has the version", async (store) => {
    const bytes = new Uint8Array(100_000);
    const version = await store.write("a", { bytes, version: null, ttlMs: 60_000 });
    assertEquals(await store.delete("a", { version: "another" }), false);
    assertEquals(await store.delete("a", { version: version! }), true);
    assertEquals(await store.delete("a"), false);
    await store.write("a", { bytes, version: null, ttlMs: 60_000 });
    assertEquals(await store.delete("a"), true);
    assertEquals(await store.read("a"), null);
  });
}
