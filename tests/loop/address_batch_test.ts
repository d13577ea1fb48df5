import { assertEquals } from "@std/assert";
import { AddressBatch } from "../../loop/address_batch.ts";

Deno.test("AddressBatch holds datagrams until it is cleared", () => {
  const asked: string[] = [];
  const batch = new AddressBatch<string>({
    maxBatch: 2,
    maxBytes: 4,
    intern: (address) => asked.push(address),
  });
  batch.push(new Uint8Array([1, 2, 3, 4]), "a");
  assertEquals([batch.count, batch.full], [1, false]);
  batch.push(new Uint8Array([]), "b");
  assertEquals([batch.count, batch.full], [2, true]);
  const lengths = [0, 1].map((i) => batch.end(i) - batch.start(i));
  assertEquals(lengths, [4, 0]);
  assertEquals(batch.bytes.slice(batch.start(0), batch.end(0)), new Uint8Array([1, 2, 3, 4]));
  assertEquals(asked, []);
  assertEquals([batch.peer(1), asked], [1, ["b"]]);
  batch.clear();
  assertEquals([batch.count, batch.full], [0, false]);
});
