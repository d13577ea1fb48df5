import { assertEquals, assertThrows } from "@std/assert";
import { PhpScanner, type ScannerOptions } from "../../php/mod.ts";
import vectors from "../vectors/php-jobs.json" with { type: "json" };
import { bytes } from "./text.ts";

function fault(input: string, options?: ScannerOptions): string {
  const result = new PhpScanner(options).push(bytes(input));
  if (result.ok) return result.done ? `done ${result.end}` : "more";
  return `${result.error.code} ${result.error.offset} ${result.error.reason}`;
}

Deno.test("PhpScanner.push() finds each end when bytes come one by one", () => {
  const lines = vectors.cases.map(({ hex }) => Uint8Array.fromHex(hex));
  const scanner = new PhpScanner();
  for (const line of lines) {
    for (let at = 0; at < line.length; at++) {
      const result = scanner.push(line.subarray(at, at + 1));
      assertEquals(result, { ok: true, done: at === line.length - 1, end: 1 });
    }
  }
});

Deno.test("PhpScanner.push() leaves what follows a value", () => {
  for (const value of ["N;", "i:-5;", "d:1.0E-5;", 's:3:"a";";', 'E:3:"A:B";', "a:0:{}", "r:1;"]) {
    assertEquals(fault(`${value}}\n`), `done ${value.length}`);
  }
  assertEquals(fault('C:1:"A":3:{};}}x'), "done 15");
  assertEquals(fault('O:1:"A":1:{s:1:"}";a:0:{}}N;'), "done 26");
});

Deno.test("PhpScanner.push() refuses what starts no value", () => {
  const faults: [string, string][] = [
    ["{}", "malformed 0"],
    ["}", "malformed 0"],
    ["\n", "malformed 0"],
    ["a:1:{\n", "malformed 5"],
    ["s:x", "malformed 2"],
    ["s::", "malformed 2"],
    ["s:1;", "malformed 3"],
    ['s:1:"ab', "malformed 6"],
    ["i:1\n", "malformed 3"],
    ["s:1234567890123456", "malformed 17"],
    ['C:1:"A":1:{xx', "malformed 12"],
  ];
  for (const [input, expected] of faults) {
    assertEquals(fault(input), `${expected} Not a serialized value`, input);
  }
});

Deno.test("PhpScanner.push() is ready for another value when one was wrong", () => {
  const scanner = new PhpScanner();
  assertEquals(scanner.push(bytes("a:1:{?")).ok, false);
  assertEquals(scanner.push(bytes("N;")), { ok: true, done: true, end: 2 });
});

Deno.test("PhpScanner.reset() forgets a value that was begun", () => {
  const scanner = new PhpScanner();
  scanner.push(bytes('s:100:"abc'));
  scanner.reset();
  assertEquals(scanner.push(bytes("N;")), { ok: true, done: true, end: 2 });
});

Deno.test("PhpScanner.push() refuses more than the limits", () => {
  assertEquals(fault('s:5:"abcde";', { maxBytes: 12 }), "done 12");
  assertEquals(fault('s:5:"abcde";', { maxBytes: 11 }), "limit 11 Longer than allowed");
  assertEquals(fault('s:999999:"abcdefgh', { maxBytes: 12 }), "limit 12 Longer than allowed");
  const scanner = new PhpScanner({ maxBytes: 5 });
  assertEquals(scanner.push(bytes("a:1:{")).ok, true);
  assertEquals(scanner.push(bytes("i")).ok, false);
  assertEquals(fault("a:1:{i:0;a:1:{", { maxDepth: 1 }), "limit 13 Nested too deep");
  assertThrows(() => new PhpScanner({ maxDepth: -1 }), RangeError, "Cannot use -1 as maxDepth");
});
