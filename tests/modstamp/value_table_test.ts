import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { sameBytes, ValueTable } from "../../modstamp/_value_table.ts";

const ONE = Uint8Array.of(1);
const NONE = new Uint8Array();

Deno.test("ValueTable lets an id go that has neither a value nor a use", () => {
  const values = new ValueTable({ maxIds: 10, seed: 1 });
  const id = values.ids.intern("a");
  values.use(id);
  values.use(id);
  values.unuse(id);
  assertEquals(values.ids.count, 1);
  values.set(id, ONE);
  values.unuse(id);
  assertEquals(values.ids.count, 1);
  assertEquals(values.find("a"), ONE);
  values.set(id, NONE);
  assertEquals(values.ids.count, 0);
  assertEquals(values.find("a"), NONE);
});

Deno.test("ValueTable.set() keeps an id in use whose value is deleted", () => {
  const values = new ValueTable({ maxIds: 10, seed: 1 });
  values.restore("a", ONE);
  const id = values.ids.findName("a");
  values.use(id);
  values.set(id, NONE);
  assertEquals(values.ids.findName("a"), id);
  values.unuse(id);
  assertEquals(values.ids.findName("a"), -1);
});

Deno.test("ValueTable.releaseIdle() keeps what is in use", () => {
  const values = new ValueTable({ maxIds: 10, seed: 1 });
  const id = values.ids.intern("a");
  values.use(id);
  values.releaseIdle(id);
  assertEquals(values.ids.count, 1);
  values.unuse(id);
  assertEquals(values.ids.count, 0);
});

Deno.test("ValueTable.doubt() keeps an id until its value is set", () => {
  const values = new ValueTable({ maxIds: 10, seed: 1 });
  const id = values.ids.intern("a");
  values.use(id);
  values.doubt(id);
  values.doubt(id);
  values.unuse(id);
  assertEquals(values.doubtful, new Set([id]));
  assertEquals(values.ids.count, 1);
  values.set(id, NONE);
  assertEquals(values.doubtful, new Set());
  assertEquals(values.ids.count, 0);
});

Deno.test("ValueTable.restore() fails when there are more ids than allowed", () => {
  const values = new ValueTable({ maxIds: 2, seed: 1 });
  values.restore("a", ONE);
  values.restore("b", ONE);
  values.restore("a", Uint8Array.of(2));
  assertThrows(
    () => values.restore("c", ONE),
    RangeError,
    "Cannot load modstamp c as maxIds is 2",
  );
});

Deno.test("sameBytes() compares lengths and bytes", () => {
  assert(sameBytes(NONE, new Uint8Array()));
  assert(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assertFalse(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assertFalse(sameBytes(ONE, Uint8Array.of(1, 0)));
  assertFalse(sameBytes(Uint8Array.of(1, 0), ONE));
});
