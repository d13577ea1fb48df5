import { PUSH_CASES } from "./push_cases.ts";
import { RESERVE_CASES } from "./reserve_cases.ts";
import { TUBE_CASES } from "./tube_cases.ts";
import { VERB_CASES } from "./verb_cases.ts";
import type { Need } from "../../needs.ts";
import { type OpenStore, World, type WorldOptions } from "./world.ts";

/**
 * Tests that every store has to pass.
 *
 * @param name The name of the store.
 * @param open Opens an empty one.
 * @param options What the machine needs, and what a store needs that is elsewhere.
 */
export function testJobStore(
  name: string,
  open: OpenStore,
  options: Need & WorldOptions = { ignore: false, suffix: "" },
): void {
  const { ignore, suffix } = options;
  for (const each of [...PUSH_CASES, ...RESERVE_CASES, ...VERB_CASES, ...TUBE_CASES]) {
    Deno.test({ name: `${name}.${each.name}${suffix}`, ignore }, async () => {
      await using world = await World.open(open, each.limits, options);
      await each.run(world);
    });
  }
}
