import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SeededRandom } from "../../loop/mod.ts";
import { IdTable } from "../../modstamp/_id_table.ts";

const encoder = new TextEncoder();

function hashOf(table: IdTable, text: string): number {
  const bytes = encoder.encode(`<${text}>`);
  return table.hash(bytes, 1, bytes.length - 1);
}

Deno.test("IdTable does what a Map would, within maxIds", () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(1, 40, 300, 1000), (seed, maxIds) => {
      const random = new SeededRandom(seed);
      const pick = (below: number): number => Math.floor(random.next() * below);
      const table = new IdTable({ maxIds, seed });
      const model = new Map<string, number>();
      const names = Array.from({ length: maxIds * 1.5 }, (_, i) => `id-${i}`);
      for (let step = 0; step < 6 * maxIds; step++) {
        const name = names[pick(names.length)]!;
        const known = model.get(name);
        assertEquals(table.findName(name), known ?? -1);
        if (known !== undefined && random.next() < 0.6) {
          table.remove(known);
          model.delete(name);
        } else {
          const number = table.intern(name);
          if (known !== undefined) assertEquals(number, known);
          else if (model.size === maxIds) assertEquals(number, -1);
          else {
            assert(number >= 0 && number < maxIds && ![...model.values()].includes(number));
            model.set(name, number);
          }
        }
        assertEquals(table.count, model.size);
      }
      for (const name of names) assertEquals(table.findName(name), model.get(name) ?? -1);
      for (const [name, number] of model) assertEquals(table.name(number), name);
    }),
    { numRuns: 20 },
  );
});

Deno.test("IdTable.hash() gives -1 for what is no id", () => {
  const table = new IdTable({ maxIds: 1, seed: 7 });
  for (const text of ["", "two words", "a\n", "š", "a/b"]) assertEquals(hashOf(table, text), -1);
  for (const text of ["a", "a".repeat(255)]) assert(hashOf(table, text) >= 0);
  assertEquals(table.intern("two words"), -1);
  assertEquals(table.findName("two words"), -1);
  assertEquals(table.count, 0);
});

Deno.test("IdTable finds ids in the middle of a packet", () => {
  const table = new IdTable({ maxIds: 4, seed: 7 });
  const bytes = encoder.encode("xxshopxx");
  const hash = table.hash(bytes, 2, 6);
  assertEquals(table.find(bytes, 2, 6, hash), -1);
  const number = table.add(bytes, 2, 6, hash);
  assertEquals(table.find(bytes, 2, 6, hash), number);
  assertEquals(table.findName("shop"), number);
  assertEquals(table.name(number), "shop");
});

Deno.test("IdTable gives the numbers of removed ids to others", () => {
  const table = new IdTable({ maxIds: 100, seed: 7 });
  for (let round = 0; round < 50; round++) {
    const numbers = Array.from({ length: 100 }, (_, i) => table.intern(`${round}.${i}`));
    assertEquals(new Set(numbers).size, 100);
    assertEquals(Math.max(...numbers), 99);
    for (const number of numbers) table.remove(number);
  }
  assertEquals(table.count, 0);
});

Deno.test("IdTable spreads ids that differ little", () => {
  const table = new IdTable({ maxIds: 10_000, seed: 1 });
  const buckets = new Map<number, number>();
  for (let i = 0; i < 8192; i++) {
    const bucket = hashOf(table, `shop.prices:${i}`) & 1023;
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  // Eight a bucket on average; by chance, 40 would come less often than once in a billion tries.
  assert(Math.max(...buckets.values()) < 40);
});
