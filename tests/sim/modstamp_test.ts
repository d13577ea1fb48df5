import { assertEquals } from "@std/assert";
import { forEachSeed } from "./for_each_seed.ts";
import { runScenario } from "./modstamp/scenario.ts";

Deno.test("modstamp clients end with the last confirmed values, whatever happened", async () => {
  const convergedMs: number[] = [];
  const counts = { runs: 0, attempted: 0, confirmed: 0 };
  await forEachSeed({}, async (seed) => {
    const outcome = await runScenario(seed);
    convergedMs.push(...outcome.convergedMs);
    counts.runs++;
    counts.attempted += outcome.attempted;
    counts.confirmed += outcome.confirmed;
  });
  if (counts.runs >= 100) report(convergedMs, counts);
});

Deno.test("modstamp simulations replay exactly", async () => {
  assertEquals(await runScenario(7), await runScenario(7));
});

function report(convergedMs: number[], counts: Record<string, number>): void {
  const sorted = Float64Array.from(convergedMs).sort();
  const percentiles = [50, 90, 99, 99.9, 100].map((percent) => {
    const at = Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100));
    return `p${percent} ${(sorted[at]! / 1000).toFixed(2)} s`;
  });
  console.log(`time to converge: ${percentiles.join(", ")}`, counts);
}
