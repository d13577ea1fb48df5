import { assert, assertEquals } from "@std/assert";
import { SpinWindow } from "../../../loop/epoll/spin_window.ts";

Deno.test("SpinWindow doesn't look while waits are long", () => {
  const spin = new SpinWindow();
  for (let i = 0; i < 100; i++) spin.learn(10);
  assertEquals(spin.windowMs, 0);
});

Deno.test("SpinWindow.learn() grows the window to a limit when waits are short", () => {
  const spin = new SpinWindow();
  const sizes: number[] = [];
  for (let i = 0; i < 20; i++) {
    spin.learn(Math.min(spin.windowMs + 0.001, 0.1));
    sizes.push(spin.windowMs);
  }
  assert(sizes[0] > 0);
  assertEquals(sizes, sizes.toSorted((a, b) => a - b));
  assertEquals(sizes.at(-1), sizes.at(-2));
});

Deno.test("SpinWindow.learn() closes the window after a few long waits", () => {
  const spin = new SpinWindow();
  for (let i = 0; i < 20; i++) spin.learn(spin.windowMs + 0.001);
  for (let i = 0; i < 5; i++) spin.learn(5);
  assertEquals(spin.windowMs, 0);
});

Deno.test("SpinWindow.worthSpinning() says no while waits are long", () => {
  const spin = new SpinWindow();
  spin.learn(10);
  assertEquals(spin.worthSpinning(), false);
  spin.learn(0.05);
  assertEquals(spin.worthSpinning(), true);
});

Deno.test("SpinWindow.worthSpinning() says yes less often each time it was in vain", () => {
  const spin = new SpinWindow();
  spin.learn(0.05);
  const spins: number[] = [];
  for (let wait = 0; wait < 64; wait++) {
    if (!spin.worthSpinning()) continue;
    spins.push(wait);
    spin.spun(false);
  }
  assertEquals(spins, [0, 2, 6, 14, 30, 62]);
});

Deno.test("SpinWindow.worthSpinning() says yes as long as it finds something", () => {
  const spin = new SpinWindow();
  spin.learn(0.05);
  spin.worthSpinning();
  spin.spun(false);
  while (!spin.worthSpinning());
  for (let wait = 0; wait < 10; wait++) {
    spin.spun(true);
    assertEquals(spin.worthSpinning(), true);
  }
});

Deno.test("SpinWindow.shrink() closes the window after a few waits", () => {
  const spin = new SpinWindow();
  for (let i = 0; i < 20; i++) spin.learn(0.1);
  for (let i = 0; i < 5; i++) spin.shrink();
  assertEquals(spin.windowMs, 0);
});
