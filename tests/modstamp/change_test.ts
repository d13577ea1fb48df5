import { assertEquals, assertRejects } from "@std/assert";
import { type Change, ChangeFeed } from "../../modstamp/change.ts";

function change(id: string, value: string): Change {
  return { id, value, bytes: new TextEncoder().encode(value) };
}

/** A feed, and how often it has ended. */
function makeFeed(signal?: AbortSignal): { feed: ChangeFeed; ends: () => number } {
  let ends = 0;
  return { feed: new ChangeFeed({ signal, onEnd: () => void ends++ }), ends: () => ends };
}

function textOf({ done, value }: IteratorResult<Change>): string {
  return done ? "done" : `${value.id}=${value.value}`;
}

Deno.test("ChangeFeed gives changes in order, of each id the last one", async () => {
  const { feed } = makeFeed();
  for (const [id, value] of [["a", "1"], ["b", "1"], ["a", "2"], ["c", "1"]] as const) {
    feed.push(change(id, value));
  }
  const texts = [await feed.next(), await feed.next(), await feed.next()].map(textOf);
  assertEquals(texts, ["b=1", "a=2", "c=1"]);
});

Deno.test("ChangeFeed.next() waits for a change", async () => {
  const { feed } = makeFeed();
  const next = feed.next();
  feed.push(change("a", "1"));
  feed.push(change("b", "1"));
  assertEquals(textOf(await next), "a=1");
  assertEquals(textOf(await feed.next()), "b=1");
});

Deno.test("ChangeFeed.next() may be called again before it is answered", async () => {
  const { feed } = makeFeed();
  const nexts = [feed.next(), feed.next(), feed.next()];
  feed.push(change("a", "1"));
  feed.push(change("b", "1"));
  feed.end();
  assertEquals((await Promise.all(nexts)).map(textOf), ["a=1", "b=1", "done"]);
});

Deno.test("ChangeFeed.end() leaves what waits to be read", async () => {
  const { feed, ends } = makeFeed();
  feed.push(change("a", "1"));
  feed.end();
  feed.end();
  feed.push(change("b", "1"));
  assertEquals([textOf(await feed.next()), textOf(await feed.next())], ["a=1", "done"]);
  assertEquals(ends(), 1);
});

Deno.test("ChangeFeed.fail() throws once, after what waits", async () => {
  const { feed, ends } = makeFeed();
  feed.push(change("a", "1"));
  feed.fail(new RangeError("First"));
  feed.fail(new TypeError("Second"));
  assertEquals(textOf(await feed.next()), "a=1");
  await assertRejects(() => feed.next(), RangeError, "First");
  assertEquals(textOf(await feed.next()), "done");
  assertEquals(ends(), 1);
});

Deno.test("ChangeFeed ends when its reader leaves", async () => {
  const { feed, ends } = makeFeed();
  feed.push(change("a", "1"));
  feed.push(change("b", "1"));
  for await (const each of feed) {
    assertEquals(each.id, "a");
    break;
  }
  assertEquals(ends(), 1);
  assertEquals(textOf(await feed.next()), "done");
});

Deno.test("ChangeFeed ends when it is disposed of", async () => {
  const { feed, ends } = makeFeed();
  {
    await using _feed = feed;
  }
  assertEquals(ends(), 1);
});

Deno.test("ChangeFeed throws the reason of its signal", async () => {
  const controller = new AbortController();
  const { feed, ends } = makeFeed(controller.signal);
  const next = feed.next();
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => next, RangeError, "Enough");
  assertEquals(ends(), 1);
  const late = makeFeed(controller.signal);
  assertEquals(late.ends(), 1);
  await assertRejects(() => late.feed.next(), RangeError, "Enough");
});
