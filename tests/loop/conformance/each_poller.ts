import { assertEquals } from "@std/assert";
import type { PollerFeature, PollerWorld } from "./poller_world.ts";
import { subjects } from "./subjects.ts";

/** Options of {@linkcode eachPoller}. */
export interface EachPollerOptions {
  /** What a poller must have for the test to make sense. */
  needs?: readonly PollerFeature[];
}

/**
 * Registers a test for each poller.
 *
 * @param name What is tested.
 * @param run The test, in a world of its own.
 * @param options See {@linkcode EachPollerOptions}.
 */
export function eachPoller(
  name: string,
  run: (world: PollerWorld) => Promise<void>,
  options: EachPollerOptions = {},
): void {
  for (const subject of subjects) {
    if (options.needs?.some((need) => !subject.features.includes(need))) continue;
    Deno.test(`${subject.name} poller: ${name}`, async () => {
      await using world = subject.open();
      await run(world);
      assertEquals(world.errors, []);
    });
  }
}
