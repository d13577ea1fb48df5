import { assertEquals } from "@std/assert";
import type { ModstampStore } from "../../modstamp/mod.ts";
import type { Need } from "../needs.ts";

/** Everything that a store holds, as texts. */
export async function contentsOf(store: ModstampStore): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  await store.load((id, value) => contents[id] = String.fromCharCode(...value));
  return contents;
}

/** Changes for `ModstampStore.commit()`, of texts. */
export function changesOf(values: Record<string, string>): Map<string, Uint8Array> {
  const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
  return new Map(Object.entries(values).map(([id, value]) => [id, bytesOf(value)]));
}

/** Tests that every store has to pass; `need` says what of the machine they need. */
export function testStore(
  name: string,
  open: () => Promise<ModstampStore>,
  need: Need = { ignore: false, suffix: "" },
): void {
  const test = (what: string, fn: () => Promise<void>): void =>
    Deno.test({ name: what + need.suffix, ignore: need.ignore, fn });

  test(`${name}.load() gives nothing when nothing was committed`, async () => {
    await using store = await open();
    assertEquals(await contentsOf(store), {});
  });

  test(`${name}.commit() sets, replaces and deletes`, async () => {
    await using store = await open();
    await store.commit(changesOf({ a: "1", b: "2", c: "3" }));
    await store.commit(changesOf({ a: "x", b: "", d: "", e: "5" }));
    assertEquals(await contentsOf(store), { a: "x", c: "3", e: "5" });
    await store.commit(changesOf({ a: "", c: "", e: "" }));
    assertEquals(await contentsOf(store), {});
  });

  test(`${name}.commit() takes no changes at all`, async () => {
    await using store = await open();
    await store.commit(new Map());
    assertEquals(await contentsOf(store), {});
  });

  test(`${name} keeps ids and values as they are`, async () => {
    await using store = await open();
    const allBytes = String.fromCharCode(...Array.from({ length: 255 }, (_, i) => i));
    const values = {
      "0": "0",
      "A-z_0.9:-": "\0",
      "a": allBytes,
      "A": "ÿ".repeat(255),
      ["i".repeat(255)]: "long",
      "constructor": "own",
    };
    await store.commit(changesOf(values));
    assertEquals(await contentsOf(store), values);
  });

  test(`${name}.commit() takes as many changes as there may be`, async () => {
    await using store = await open();
    const ids = Array.from({ length: 5000 }, (_, i) => `${i}.`.padEnd(i % 2 === 0 ? 255 : 8, "x"));
    const values = Object.fromEntries(ids.map((id) => [id, id]));
    await store.commit(changesOf(values));
    assertEquals(await contentsOf(store), values);
    await store.commit(changesOf(Object.fromEntries(ids.map((id) => [id, ""]))));
    assertEquals(await contentsOf(store), {});
  });

  test(`${name}[Symbol.asyncDispose]() may be called twice`, async () => {
    await using store = await open();
    await store[Symbol.asyncDispose]();
  });
}
