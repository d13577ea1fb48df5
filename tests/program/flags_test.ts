import { assertEquals, assertThrows } from "@std/assert";
import { type FlagTable, parseFlags, UsageError } from "../../program/mod.ts";

const TABLE = {
  port: { type: "integer", default: 80, most: 65_535, short: "p", help: "port" },
  wait: { type: "seconds", least: 0.5, most: 10, help: "time" },
  host: { type: "text", help: "host" },
  mode: { type: "choice", choices: ["a", "b"], default: "a", help: "mode" },
  json: { type: "boolean", help: "json" },
} as const satisfies FlagTable;

Deno.test("parseFlags() gives flags, defaults and positionals", () => {
  const { values, positionals } = parseFlags(TABLE, ["x", "-p", "7", "--json", "y=1"]);
  assertEquals(values, { port: 7, wait: undefined, host: undefined, mode: "a", json: true });
  assertEquals(positionals, ["x", "y=1"]);
});

Deno.test("parseFlags() takes numbers as text after a double dash and with an equals sign", () => {
  const { values, positionals } = parseFlags(TABLE, ["--wait=0.5", "--", "--port", "12"]);
  assertEquals(values.wait, 0.5);
  assertEquals(positionals, ["--port", "12"]);
});

Deno.test("parseFlags() lets the command line win over the config", () => {
  const config = { port: 1, json: true, host: "h" };
  assertEquals(parseFlags(TABLE, [], config).values.port, 1);
  assertEquals(parseFlags(TABLE, [], config).values.json, true);
  const { values } = parseFlags(TABLE, ["--port", "2", "--json=false"], config);
  assertEquals([values.port, values.json, values.host], [2, false, "h"]);
});

Deno.test("parseFlags() tells which flag is wrong and what it must be", () => {
  const cases: [string[], string][] = [
    [["--nope"], "Cannot use --nope as there is no such flag"],
    [["-x"], "Cannot use -x as there is no such flag"],
    [["--port", "1.5"], "Cannot use --port 1.5 as it must be an integer from 0 to 65535"],
    [["--port", "99999"], "Cannot use --port 99999 as it must be an integer from 0 to 65535"],
    [["--port", "0x10"], "Cannot use --port 0x10 as it must be an integer from 0 to 65535"],
    [["--wait", "0.1"], "Cannot use --wait 0.1 as it must be a number of seconds from 0.5 to 10"],
    [["--mode", "c"], "Cannot use --mode c as it must be one of a, b"],
    [["--host", ""], "Cannot use --host  as it must be given a value"],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => parseFlags(TABLE, args), UsageError, message);
  }
  assertThrows(() => parseFlags(TABLE, [], { json: "yes" }), UsageError, "true or false");
  assertThrows(() => parseFlags(TABLE, [], { host: ["a"] }), UsageError, "more than once");
});
