import { assertEquals } from "@std/assert";
import { parseExtensions } from "../../../websocket/protocol/extensions.ts";

Deno.test("parseExtensions() reads offers with tokens, quoted values and none", () => {
  assertEquals(parseExtensions(' a ; B = c;d ; e="f\\"g",h'), [
    { name: "a", parameters: [["b", "c"], ["d", true], ["e", 'f"g']] },
    { name: "h", parameters: [] },
  ]);
  assertEquals(parseExtensions(""), []);
});

for (const value of [",", "a,", "a;", "a=b", ";b", "a;b=", 'a;b="c', "a b", "a;=c", "ä"]) {
  Deno.test(`parseExtensions() is null when the value is ${value}`, () => {
    assertEquals(parseExtensions(value), null);
  });
}

Deno.test("parseExtensions() is null when there are too many parts", () => {
  assertEquals(parseExtensions("a;".repeat(63) + "a")?.length, 1);
  assertEquals(parseExtensions("a;".repeat(64) + "a"), null);
});
