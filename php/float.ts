/** What PHP reads as a float; alternatives don't overlap, so that matching is linear. */
const FLOAT = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN)$/;

/** Floats of this decimal exponent and above are written as `1.0E+17`. */
const FIRST_LARGE_EXPONENT = 17;
/** Floats below this decimal exponent are written as `1.0E-5`. */
const LAST_SMALL_EXPONENT = -4;

/** Writes a float as PHP does when `serialize_precision` is -1, its default: the shortest way. */
function format(value: number): string {
  if (Number.isNaN(value)) return "NAN";
  if (!Number.isFinite(value)) return value > 0 ? "INF" : "-INF";
  if (Object.is(value, -0)) return "-0";
  const [mantissa, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent >= FIRST_LARGE_EXPONENT || exponent < LAST_SMALL_EXPONENT) {
    return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${power}`;
  }
  return String(value);
}

function parse(text: string): number {
  if (text === "NAN") return NaN;
  return Number(text.replace("INF", "Infinity"));
}

/**
 * A float of PHP. It remembers the text that it was read from, so that writing it gives the same
 * bytes whatever `serialize_precision` the writer had.
 *
 * @example Numbers and texts
 * ```ts
 * import { PhpFloat } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new PhpFloat(1e100).text, "1.0E+100");
 * assertEquals(new PhpFloat(-0).text, "-0");
 *
 * const long = PhpFloat.parse("0.10000000000000001");
 * assertEquals(long?.value, 0.1);
 * assertEquals(long?.text, "0.10000000000000001");
 * assertEquals(PhpFloat.parse("one"), undefined);
 * ```
 */
export class PhpFloat {
  /** The number. */
  readonly value: number;
  /** How it is written. */
  readonly text: string;

  /**
   * Makes a float that is written as PHP writes it by default.
   *
   * @param value The number.
   */
  constructor(value: number) {
    this.value = value;
    this.text = format(value);
  }

  /**
   * Makes a float that is written as given.
   *
   * @param text The text, as it stands between `d:` and `;`.
   * @returns The float; `undefined` when PHP doesn't read the text as one.
   */
  static parse(text: string): PhpFloat | undefined {
    if (!FLOAT.test(text)) return undefined;
    const float: { value: number; text: string } = Object.create(PhpFloat.prototype);
    float.value = parse(text);
    float.text = text;
    return float as PhpFloat;
  }
}
