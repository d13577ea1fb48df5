import { assertEquals } from "@std/assert";
import { TailOfOutput } from "../../prefork/_tail_of_output.ts";

function tailOf(...lines: string[]): TailOfOutput {
  const tail = new TailOfOutput();
  for (const line of lines) tail.push(line);
  return tail;
}

Deno.test("TailOfOutput.lines keeps the last lines, short and without colours", () => {
  const tail = tailOf(...Array.from({ length: 30 }, (_, i) => `\x1b[31m${i}\x1b[0m`));
  assertEquals(tail.lines, Array.from({ length: 20 }, (_, i) => String(i + 10)));
  assertEquals(tailOf("x".repeat(1000)).lines[0].length, 500);
});

Deno.test("TailOfOutput.error is what Deno says, with the place", () => {
  assertEquals(
    tailOf(
      "starting",
      "error: SyntaxError: Expression expected",
      "  |",
      "1 | const x = ;",
      "    at file:///app.ts:1:11",
    ).error,
    "SyntaxError: Expression expected at file:///app.ts:1:11",
  );
  assertEquals(
    tailOf('error: Module not found "file:///nowhere.ts".', "    at file:///app.ts:1:1").error,
    'Module not found "file:///nowhere.ts" at file:///app.ts:1:1',
  );
  assertEquals(tailOf("nothing wrong").error, null);
});
