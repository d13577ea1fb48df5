import { assertEquals, assertThrows } from "@std/assert";
import { PhpArray, PhpEnum, PhpObject } from "../../php/mod.ts";

Deno.test("PhpObject.get() prefers public and protected when a name is private too", () => {
  const object = new PhpObject(
    "Child",
    new PhpArray([["\0Parent\0a", 1], ["\0*\0a", 2], ["\0Parent\0b", null], ["\0Child\0b", 4]]),
  );
  assertEquals(object.get("a"), 2);
  assertEquals(object.get("b"), null);
  assertEquals(object.get("c"), undefined);
  object.properties.set("a", 3);
  assertEquals(object.get("a"), 3);
});

Deno.test("PhpObject.constructor() throws when the name is none of a class", () => {
  for (const name of ["", "a b", 'a"', "a\0b", "class@anonymous"]) {
    assertThrows(() => new PhpObject(name), SyntaxError, "as the name of a PHP class");
  }
  assertEquals(new PhpObject("App\\Žena_1").className, "App\\Žena_1");
});

Deno.test("PhpObject.constructor() shortens the name in its message when it is long", () => {
  const error = assertThrows(() => new PhpObject("-".repeat(1000)), SyntaxError);
  assertEquals(error.message.length < 200, true);
});

Deno.test("PhpEnum.constructor() throws when the name is none of a case", () => {
  assertThrows(() => new PhpEnum("Suit", "A\\B"), SyntaxError, "as the name of a PHP enum's case");
  assertThrows(() => new PhpEnum("", "A"), SyntaxError, "as the name of a PHP class");
});
