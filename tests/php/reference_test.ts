import { assertEquals, assertThrows } from "@std/assert";
import { dereference, PhpReference, type PhpValue } from "../../php/mod.ts";

Deno.test("PhpReference.value throws when it is set to a reference", () => {
  const reference = new PhpReference(1);
  const nested = reference as unknown as PhpValue;
  assertThrows(() => new PhpReference(nested), TypeError, "Cannot refer to a reference");
  assertThrows(() => reference.value = nested, TypeError, "Cannot refer to a reference");
  assertEquals(dereference(reference), 1);
});
