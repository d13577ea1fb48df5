import { assertEquals, assertStringIncludes } from "@std/assert";
import { ModstampWatchPage } from "../../../modstamp/dashboard/mod.ts";
import { MemoryModstampStore, StoreSource } from "../../../modstamp/mod.ts";
import { TestBrowser } from "../../dashboard/browser.ts";
import { changesOf } from "../store_conformance.ts";

async function start(maxIds?: number): Promise<[StoreSource, TestBrowser, AsyncDisposable]> {
  const source = await StoreSource.open(new MemoryModstampStore());
  const page = new ModstampWatchPage({ source, maxIds });
  const end = async (): Promise<void> => {
    page[Symbol.dispose]();
    await source[Symbol.asyncDispose]();
  };
  return [source, new TestBrowser(page), { [Symbol.asyncDispose]: end }];
}

Deno.test("ModstampWatchPage.fetch() shows ids with their values, escaped", async () => {
  const [source, browser, end] = await start();
  await using _end = end;
  await source.change(
    changesOf({ prices: "<script>alert(1)</script>", raw: "\0\x01", e: "\xc3\xa9" }),
  );
  const response = await browser.get("/watch?id=prices+raw&id=none,e");
  const text = await response.text();
  assertStringIncludes(text, "<code>&lt;script&gt;alert(1)&lt;/script&gt;</code>");
  assertStringIncludes(text, "<code>0x0001</code>");
  assertStringIncludes(text, "<code>é</code>");
  assertStringIncludes(text, "<code>–</code>");
  assertStringIncludes(
    text,
    'data-watch="/v1/modstamps?id=prices&amp;id=raw&amp;id=none&amp;id=e"',
  );
  assertEquals(text.includes("<script>alert"), false);
  assertStringIncludes(response.headers.get("content-security-policy")!, "default-src 'none'");
});

Deno.test("ModstampWatchPage.fetch() leaves out what is no id, and what is too much", async () => {
  const [, browser, end] = await start(2);
  await using _end = end;
  const evil = encodeURIComponent('"><img src=x>');
  const text = await (await browser.get(`/watch?id=${evil}&id=a&id=b&id=c&id=a`)).text();
  assertStringIncludes(text, 'data-watch="/v1/modstamps?id=a&amp;id=b"');
  assertStringIncludes(text, "3 left out");
  assertEquals(text.includes("<img src=x"), false);
});

Deno.test("ModstampWatchPage.fetch() asks for ids where there are none, and serves its script", async () => {
  const [, browser, end] = await start();
  await using _end = end;
  const text = await (await browser.get("/watch")).text();
  assertStringIncludes(text, "Name the ids to watch");
  assertStringIncludes(text, '<script type="module" src="/watch/assets/site.js"></script>');
  assertEquals(text.includes("data-live"), false);
  const script = await browser.get("/watch/assets/site.js");
  assertEquals(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertStringIncludes(await script.text(), "data-watch");
  assertEquals((await browser.get("/watch/assets/stream.js")).status, 200);
  const live = await browser.get("/watch/live?page=");
  assertEquals(await live.text(), "");
  assertEquals((await browser.get("/watch/other")).status, 404);
});
