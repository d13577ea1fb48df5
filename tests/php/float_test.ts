import { assertEquals } from "@std/assert";
import { PhpFloat } from "../../php/mod.ts";

Deno.test("PhpFloat.constructor() writes numbers as PHP does by default", () => {
  const texts: [number, string][] = [
    [1, "1"],
    [-0, "-0"],
    [0.1, "0.1"],
    [1e14, "100000000000000"],
    [1e16, "10000000000000000"],
    [1e17, "1.0E+17"],
    [123456789012345678, "1.2345678901234568E+17"],
    [12345678901234567, "12345678901234568"],
    [0.0001, "0.0001"],
    [0.00001, "1.0E-5"],
    [0.00001234, "1.234E-5"],
    [1.5e300, "1.5E+300"],
    [5e-324, "5.0E-324"],
    [1.7976931348623157e308, "1.7976931348623157E+308"],
    [NaN, "NAN"],
    [Infinity, "INF"],
    [-Infinity, "-INF"],
  ];
  for (const [value, text] of texts) {
    assertEquals(new PhpFloat(value).text, text);
    assertEquals(PhpFloat.parse(text)?.value, value);
  }
});

Deno.test("PhpFloat.parse() keeps the text when PHP would write another", () => {
  for (const text of ["0.10000000000000001", ".5", "5.", "+1", "-0.0", "1e5", "1.5E-07", "00"]) {
    assertEquals(PhpFloat.parse(text)?.text, text);
    assertEquals(PhpFloat.parse(text)?.value, Number(text));
  }
});

Deno.test("PhpFloat.parse() gives nothing when PHP reads no float", () => {
  for (
    const text of ["", ".", "-", "e5", "1e", "inf", "-NAN", "+INF", "0x1", "1 ", "1,5", "Infinity"]
  ) {
    assertEquals(PhpFloat.parse(text), undefined, text);
  }
});
