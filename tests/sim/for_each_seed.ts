const DEFAULT_SEEDS = 10;

/** Options of {@linkcode forEachSeed}. */
export interface ForEachSeedOptions {
  /**
   * How many seeds, where neither `SLUICE_SEEDS` nor `SLUICE_SEED` says so.
   *
   * @default {10}
   */
  count?: number;
  /** Variables to read instead of the environment's. */
  env?: { get(name: string): string | undefined };
}

/** A simulation failed; `seed` is the one to run it with again. */
export class SeedError extends Error {
  /** The seed of the run that failed. */
  readonly seed: number;

  /**
   * Makes an error.
   *
   * @param seed The seed of the run that failed.
   * @param cause What it failed with.
   */
  constructor(seed: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Simulation failed, run it again with SLUICE_SEED=${seed}: ${why}`, { cause });
    this.name = "SeedError";
    this.seed = seed;
  }
}

/**
 * Runs a simulation with many seeds, one after another: `SLUICE_SEEDS=1000`
 * says how many, `SLUICE_SEED=7` runs the seventh alone.
 *
 * @param options See {@linkcode ForEachSeedOptions}.
 * @param simulate Runs the simulation with a seed.
 * @throws {SeedError} When a simulation fails, with its seed.
 */
export async function forEachSeed(
  options: ForEachSeedOptions,
  simulate: (seed: number) => void | Promise<void>,
): Promise<void> {
  for (const seed of chooseSeeds(options)) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new SeedError(seed, error);
    }
  }
}

function chooseSeeds(options: ForEachSeedOptions): number[] {
  const env = options.env ?? Deno.env;
  const single = readNumber(env.get("SLUICE_SEED"), "SLUICE_SEED");
  if (single !== undefined) return [single];
  const count = readNumber(env.get("SLUICE_SEEDS"), "SLUICE_SEEDS") ?? options.count ??
    DEFAULT_SEEDS;
  return Array.from({ length: count }, (_, i) => i + 1);
}

function readNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`Cannot use ${name} as it is no whole number: received ${text}`);
}
