import { assertEquals, assertThrows } from "@std/assert";
import {
  formatPropertyName,
  parsePropertyName,
  PhpBytes,
  type PropertyName,
} from "../../php/mod.ts";

const BINARY = new PhpBytes(new Uint8Array([0xff]));

Deno.test("parsePropertyName() reads what formatPropertyName() wrote", () => {
  const names: PropertyName[] = [
    { name: "a", visibility: "public" },
    { name: 7, visibility: "public" },
    { name: BINARY, visibility: "public" },
    { name: "a", visibility: "protected" },
    { name: "", visibility: "protected" },
    { name: BINARY, visibility: "protected" },
    { name: "a\0b", visibility: "private", className: "App\\A" },
    { name: "a", visibility: "private", className: BINARY },
    { name: BINARY, visibility: "private", className: "A" },
  ];
  for (const name of names) assertEquals(parsePropertyName(formatPropertyName(name)), name);
});

Deno.test("parsePropertyName() takes a name for public when its mark is incomplete", () => {
  for (const name of ["\0", "\0\0a", "\0a", "a\0b\0c"]) {
    assertEquals(parsePropertyName(name), { name, visibility: "public" });
  }
});

Deno.test("formatPropertyName() throws when the name cannot be marked", () => {
  assertThrows(
    () => formatPropertyName({ name: "a", visibility: "private" }),
    TypeError,
    "its class is missing",
  );
  assertThrows(
    () => formatPropertyName({ name: 1, visibility: "protected" }),
    TypeError,
    "Cannot name a protected property by an integer",
  );
});
