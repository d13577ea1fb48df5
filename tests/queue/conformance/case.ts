import type { StoreLimits, World } from "./world.ts";

/** What every store has to do. */
export interface Case {
  /** A method of the store and what it does when. */
  readonly name: string;
  /** Limits of the store. */
  readonly limits?: StoreLimits;
  /** Tries it. */
  run(world: World): Promise<void>;
}
