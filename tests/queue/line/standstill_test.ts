import { assertEquals } from "@std/assert";
import { Standstill } from "../../../queue/line/standstill.ts";

Deno.test("Standstill.look() finds at the third look what stands still, and not before", () => {
  const standstill = new Standstill();
  assertEquals([7, 7, 7, 7].map((mark) => standstill.look(mark)), [false, false, true, true]);
});

Deno.test("Standstill.look() begins anew when it moves, or may stand still", () => {
  const standstill = new Standstill();
  const marks = [7, 7, 8, 8, null, 8, 8, null, null, null, 8];
  assertEquals(marks.map((mark) => standstill.look(mark)), marks.map(() => false));
});
