import { assert, assertEquals, AssertionError, assertRejects, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { parse, stringify } from "@std/yaml";
import fc from "fast-check";

Deno.test("parseArgs() gives typed flags when their kinds are named", () => {
  const args = parseArgs(["--port", "7", "--host=a", "--host=b", "-v", "file"], {
    boolean: ["verbose", "json"],
    string: ["port", "host", "mode"],
    collect: ["host"],
    alias: { v: "verbose" },
    default: { mode: "fast" },
  });
  const port: string | undefined = args.port;
  const hosts: string[] = args.host;
  const verbose: boolean = args.verbose;
  const mode: string = args.mode;
  assertEquals([port, hosts, verbose, mode, args.json, args._], [
    "7",
    ["a", "b"],
    true,
    "fast",
    false,
    ["file"],
  ]);
});

Deno.test("parse() reads back what stringify() wrote", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = stringify(JSON.parse(JSON.stringify(value)));
      assertEquals(parse(text), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 20 },
  );
});

Deno.test("assertThrows() and assertRejects() return the error when it is of the class", async () => {
  const thrown = assertThrows(() => assert(false, "no"), AssertionError);
  assertEquals(thrown.message, "no");
  const rejected = await assertRejects(() => Promise.reject(new RangeError("far")), RangeError);
  assertEquals(rejected.message, "far");
});
