import { assertEquals, assertRejects } from "@std/assert";
import { forEachSeed, SeedError } from "./for_each_seed.ts";

function environment(variables: Record<string, string>): { get(name: string): string | undefined } {
  return { get: (name) => variables[name] };
}

async function seedsOf(variables: Record<string, string>, count?: number): Promise<number[]> {
  const seeds: number[] = [];
  await forEachSeed({ count, env: environment(variables) }, (seed) => void seeds.push(seed));
  return seeds;
}

Deno.test("forEachSeed() runs as many seeds as SLUICE_SEEDS says", async () => {
  assertEquals(await seedsOf({ SLUICE_SEEDS: "3" }, 5), [1, 2, 3]);
  assertEquals(await seedsOf({}, 2), [1, 2]);
});

Deno.test("forEachSeed() runs the seed of SLUICE_SEED alone", async () => {
  assertEquals(await seedsOf({ SLUICE_SEED: "42", SLUICE_SEEDS: "3" }), [42]);
});

Deno.test("forEachSeed() says with which seed a simulation failed", async () => {
  const fails = (seed: number): void => {
    if (seed === 2) throw new RangeError("Too far");
  };
  const error = await assertRejects(
    () => forEachSeed({ env: environment({}) }, fails),
    SeedError,
    "run it again with SLUICE_SEED=2: Too far",
  );
  assertEquals(error.seed, 2);
});

Deno.test("forEachSeed() refuses what is no number", async () => {
  await assertRejects(() => seedsOf({ SLUICE_SEED: "x" }), RangeError, "SLUICE_SEED");
});
