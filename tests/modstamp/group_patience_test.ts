import { assert, assertEquals } from "@std/assert";
import { GroupPatience } from "../../modstamp/_group_patience.ts";

/** How many turns a group waits in which `gathered` of those expected come, one a turn. */
function turns(patience: GroupPatience, gathered: number): number {
  let count = 1;
  let waited = 0;
  while (patience.waits(count)) {
    waited++;
    if (count < gathered) count++;
  }
  return waited;
}

Deno.test("GroupPatience.waits() says no when nobody was answered", () => {
  assertEquals(new GroupPatience().waits(1), false);
});

Deno.test("GroupPatience.waits() lets one who is alone go on at once", () => {
  const patience = new GroupPatience();
  patience.answered(1, 0);
  assertEquals(patience.waits(1), false);
});

Deno.test("GroupPatience.waits() until those who were answered have come back", () => {
  const patience = new GroupPatience();
  for (let round = 0; round < 3; round++) {
    patience.answered(5, 3);
    assertEquals(turns(patience, 8), 7);
  }
});

Deno.test("GroupPatience.waits() only so long, and once for each group", () => {
  const patience = new GroupPatience();
  patience.answered(5, 0);
  const waited = turns(patience, 1);
  assert(waited > 10 && waited <= 100, `${waited} turns`);
  assertEquals(turns(patience, 1), 0);
});

Deno.test("GroupPatience.waits() ever less often when it was in vain, and again when it isn't", () => {
  const patience = new GroupPatience();
  const waits = (gathered: number): boolean => {
    patience.answered(8, 0);
    return turns(patience, gathered) > 0;
  };
  const waited = Array.from({ length: 400 }, () => waits(2)).filter(Boolean).length;
  assert(waited >= 8 && waited <= 12, `${waited} of 400 groups have waited`);
  while (!waits(8)) continue;
  assertEquals([waits(8), waits(8), waits(8)], [true, true, true]);
});

Deno.test("GroupPatience.waits() is worth it when most have come", () => {
  const patience = new GroupPatience();
  for (let round = 0; round < 3; round++) {
    patience.answered(8, 0);
    assert(turns(patience, 7) > 10);
  }
});
