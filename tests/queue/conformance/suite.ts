import { PUSH_CASES } from "./push_cases.ts";
import { RESERVE_CASES } from "./reserve_cases.ts";
import { TUBE_CASES } from "./tube_cases.ts";
import { VERB_CASES } from "./verb_cases.ts";
import { type OpenStore, World } from "./world.ts";

/**
 * Tests that every store has to pass.
 *
 * @param name The name of the store.
 * @param open Opens an empty one.
 */
export function testJobStore(name: string, open: OpenStore): void {
  for (const each of [...PUSH_CASES, ...RESERVE_CASES, ...VERB_CASES, ...TUBE_CASES]) {
    Deno.test(`${name}.${each.name}`, async () => {
      await using world = await World.open(open, each.limits);
      await each.run(world);
    });
  }
}
