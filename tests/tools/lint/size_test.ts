import { assertEquals } from "@std/assert";
import house from "../../../tools/lint/house.ts";

function found(source: string): string[] {
  return Deno.lint.runPlugin(house, "tests/a_test.ts", source).map(({ message }) => message);
}

const statements = (count: number): string => "f();\n".repeat(count);

Deno.test("file-size reports a file when it has more than 300 lines of code", () => {
  assertEquals(found(statements(300)), []);
  assertEquals(found(statements(301)), [
    "The file has 301 lines of code: 300 is the limit",
  ]);
});

Deno.test("file-size doesn't count blank lines and comments", () => {
  const comments = "/**\n * Ünïcode f();\n */\n\n// f();\n".repeat(50);
  assertEquals(found(comments + statements(300) + comments), []);
  assertEquals(found(comments + "f(); /* why\n */\n".repeat(301)).length, 1);
});

Deno.test("function-size reports functions of every kind when they have more than 70 lines", () => {
  const heads = [
    "function a() {",
    "const a = () => {",
    "class A { m() {",
    "const a = function () {",
  ];
  for (const head of heads) {
    const tail = head.startsWith("class") ? "}}" : "}";
    assertEquals(found(`// é\n${head}\n${statements(68)}${tail}\n`), [], head);
    assertEquals(found(`// é\n${head}\n${statements(69)}${tail}\n`), [
      "The function has 71 lines of code: 70 is the limit",
    ]);
  }
});

Deno.test("function-size doesn't count blank lines and comments", () => {
  assertEquals(found(`function a() {\n${"// why\n\n".repeat(60)}${statements(68)}}`), []);
});
