import { assertEquals } from "@std/assert";
import house from "../../../tools/lint/house.ts";

function ids(source: string): string[] {
  return Deno.lint.runPlugin(house, "queue/job.ts", source).map(({ id }) => id);
}

Deno.test("error-class reports a plain Error when it is made", () => {
  assertEquals(ids("throw new Error('no');"), ["house/error-class"]);
  assertEquals(ids("reject(Error('no'));"), ["house/error-class"]);
  assertEquals(ids("throw new TypeError('no'); class E extends Error {}"), []);
});

Deno.test("hash-private reports the keyword private and parameter properties", () => {
  assertEquals(ids("class A { private a = 1; }"), ["house/hash-private"]);
  assertEquals(ids("class A { private a() {} }"), ["house/hash-private"]);
  assertEquals(ids("class A { constructor(private a: number) {} }"), ["house/hash-private"]);
  assertEquals(ids("class A { #a = 1; protected b = 2; private constructor() {} }"), []);
});
