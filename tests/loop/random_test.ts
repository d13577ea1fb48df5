import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type RandomSource, SeededRandom, SystemRandom } from "../../loop/mod.ts";

function draw(random: RandomSource, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

Deno.test("SeededRandom repeats itself with its seed", () => {
  for (const seed of [0, 1, -1, 2 ** 40, 2 ** 53 - 1]) {
    assertEquals(draw(new SeededRandom(seed), 100), draw(new SeededRandom(seed), 100));
    assertEquals(new SeededRandom(seed).bytes(100), new SeededRandom(seed).bytes(100));
  }
});

Deno.test("SeededRandom never changes what a seed gives", () => {
  assertEquals(new SeededRandom(1).bytes(8).toHex(), "2cdd91d3e84df3ce");
});

Deno.test("SeededRandom gives different numbers for seeds next to each other", () => {
  const firsts = Array.from({ length: 1000 }, (_, seed) => new SeededRandom(seed).next());
  assertEquals(new Set(firsts).size, 1000);
  assertNotEquals(new SeededRandom(1).next(), new SeededRandom(1 + 2 ** 32).next());
  assert(isUniform(firsts));
});

/** A chi-squared test with 64 bins that fails a fair source once in a million times. */
function isUniform(numbers: number[]): boolean {
  const bins = new Array<number>(64).fill(0);
  for (const number of numbers) bins[Math.floor(number * 64)]++;
  const expected = numbers.length / 64;
  const chi = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return chi < 130;
}

Deno.test("SeededRandom.next() is uniform from 0 to 1", () => {
  const numbers = draw(new SeededRandom(3), 100_000);
  assert(numbers.every((number) => number >= 0 && number < 1));
  assert(isUniform(numbers));
  const pairs = numbers.slice(1).map((number, i) => (number + numbers[i]) % 1);
  assert(isUniform(pairs));
});

Deno.test("SeededRandom.bytes() is uniform", () => {
  const bytes = new SeededRandom(4).bytes(100_000);
  assert(isUniform(Array.from(bytes, (byte) => byte / 256)));
});

Deno.test("SystemRandom.bytes() fills any length, and differs each time", () => {
  const random = new SystemRandom();
  assertEquals(random.bytes(0).length, 0);
  const bytes = random.bytes(200_000);
  // The platform fills 65,536 bytes at a time: the rest must not stay zero.
  assert(isUniform(Array.from(bytes.subarray(131_072), (byte) => byte / 256)));
  assertNotEquals(random.bytes(16), random.bytes(16));
  const next = random.next();
  assert(next >= 0 && next < 1);
});
