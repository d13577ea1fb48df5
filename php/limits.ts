/** How much a decoder takes in before it refuses. */
export interface DecodeLimits {
  /**
   * The longest input in bytes.
   * @default 16777216
   */
  readonly maxBytes?: number;
  /**
   * How deep arrays and objects may be nested.
   * @default 512
   */
  readonly maxDepth?: number;
  /**
   * How many entries all arrays and objects may have together.
   * @default 1000000
   */
  readonly maxElements?: number;
  /**
   * How many references (`R:` and `r:`) there may be.
   * @default 100000
   */
  readonly maxReferences?: number;
}

const DEFAULTS: Required<DecodeLimits> = {
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 512,
  maxElements: 1_000_000,
  maxReferences: 100_000,
};

/**
 * Lets a limit pass.
 *
 * @param name The name of the option.
 * @param value Its value.
 * @returns The same value.
 * @throws {RangeError} When it is not an integer from 0 on, nor `Infinity`.
 */
export function checkLimit(name: string, value: number): number {
  if (value >= 0 && (Number.isInteger(value) || value === Infinity)) return value;
  throw new RangeError(`Cannot use ${value} as ${name}: it must be an integer from 0 on`);
}

/**
 * Fills in and checks limits.
 *
 * @param limits The limits that are given.
 * @returns All limits.
 * @throws {RangeError} When one is not an integer from 0 on, nor `Infinity`.
 */
export function resolveLimits(limits: DecodeLimits): Required<DecodeLimits> {
  const resolve = (name: keyof DecodeLimits) => checkLimit(name, limits[name] ?? DEFAULTS[name]);
  return {
    maxBytes: resolve("maxBytes"),
    maxDepth: resolve("maxDepth"),
    maxElements: resolve("maxElements"),
    maxReferences: resolve("maxReferences"),
  };
}
