import { assertEquals } from "@std/assert";
import { isSendableCode } from "../../../websocket/mod.ts";

Deno.test("isSendableCode() allows the registered codes and those of applications", () => {
  const allowed = Array.from({ length: 70_000 }, (_, code) => code).filter(isSendableCode);
  const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  assertEquals(allowed.slice(0, 12), registered);
  assertEquals([allowed[12], allowed.at(-1), allowed.length], [3000, 4999, 2012]);
});

for (const code of [NaN, Infinity, -1, 1000.5]) {
  Deno.test(`isSendableCode() is false when the code is ${code}`, () => {
    assertEquals(isSendableCode(code), false);
  });
}
