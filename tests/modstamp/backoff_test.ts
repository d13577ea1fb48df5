import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../loop/mod.ts";
import { backoffMs } from "../../modstamp/_backoff.ts";

Deno.test("backoffMs() begins with 100 ms, doubles, and stays within a half of that", () => {
  const random = new SeededRandom(1);
  assertEquals(backoffMs(0, { mostMs: 1000, random }), 100);
  for (const [attempt, wait] of [[1, 200], [2, 400], [3, 800], [4, 1000], [50, 1000]] as const) {
    const waits = Array.from({ length: 1000 }, () => backoffMs(attempt, { mostMs: 1000, random }));
    assert(Math.min(...waits) >= wait / 2 && Math.max(...waits) <= wait * 1.5);
    assert(Math.min(...waits) < wait * 0.6 && Math.max(...waits) > wait * 1.4);
  }
});
