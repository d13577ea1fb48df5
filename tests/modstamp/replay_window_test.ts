import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { ReplayWindow } from "../../modstamp/mod.ts";

const WINDOW = 1024;

Deno.test("ReplayWindow.accept() does what a set of all numbers would", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -40, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: -1100, max: 1100 }) },
    fc.integer({ min: -5000, max: 5000 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1023, 2 ** 32 - 5, 2 ** 47),
      fc.array(step, { maxLength: 300, size: "max" }),
      (first, steps) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let highest = -1;
        let sequence = first;
        for (const each of steps) {
          sequence = Math.max(0, sequence + each);
          const expected = !seen.has(sequence) && sequence > highest - WINDOW;
          assertEquals(window.accept(sequence), expected, `${sequence} after ${highest}`);
          seen.add(sequence);
          highest = Math.max(highest, sequence);
        }
      },
    ),
  );
});

Deno.test("ReplayWindow.accept() takes each number of the window once, however late", () => {
  const window = new ReplayWindow();
  assert(window.accept(WINDOW));
  assertFalse(window.accept(0));
  for (let sequence = 1; sequence < WINDOW; sequence++) assert(window.accept(sequence));
  for (let sequence = 0; sequence <= WINDOW; sequence++) assertFalse(window.accept(sequence));
});

Deno.test("ReplayWindow.accept() forgets nothing at a jump over several windows", () => {
  const window = new ReplayWindow();
  for (let sequence = 0; sequence < WINDOW; sequence++) assert(window.accept(sequence));
  assert(window.accept(10 * WINDOW));
  assertFalse(window.accept(WINDOW - 1));
  for (let late = 9 * WINDOW + 1; late < 10 * WINDOW; late++) assert(window.accept(late));
});
