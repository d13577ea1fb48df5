import { assertEquals } from "@std/assert";
import house from "../../../tools/lint/house.ts";

function found(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(house, filename, source).map(({ message }) => message);
}

Deno.test("ambient reports time, randomness, I/O and the console when a library uses them", () => {
  const source = [
    "Date.now();",
    "new Date();",
    "setTimeout(f, 1);",
    "globalThis.setInterval(f, 1);",
    "AbortSignal.timeout(1);",
    "Math.random();",
    "crypto.getRandomValues(b);",
    "await Deno.open('x');",
    "console.log(1);",
    "import fs from 'node:fs';",
  ];
  for (const line of source) {
    assertEquals(found("queue/backoff.ts", line).length, 1, line);
  }
});

Deno.test("ambient names what was found and where it belongs", () => {
  assertEquals(found("queue/backoff.ts", "const now = Date.now();"), [
    "Date.now is time, which belongs in: loop",
  ]);
  assertEquals(found("websocket/frame.ts", "const é = 'ü'; Deno.exit(1);"), [
    "Deno.exit is I/O, which belongs in: loop, prefork, store, program",
  ]);
});

Deno.test("ambient lets pass what only looks like it", () => {
  const source = [
    "new Date(5);",
    "clock.setTimeout(1);",
    "const handle = { setTimeout: 1, now() {} };",
    "let kv: Deno.Kv;",
    "if (error instanceof Deno.errors.NotFound) retry();",
    "const text = 'Date.now()'; // Math.random()",
    "crypto.subtle.digest('SHA-256', bytes);",
  ];
  for (const line of source) assertEquals(found("queue/backoff.ts", line), [], line);
});

Deno.test("ambient lets pass what stands in its place", () => {
  assertEquals(found("loop/clock.ts", "Date.now(); Math.random();"), []);
  assertEquals(found("prefork/worker.ts", "new Deno.Command('x');"), []);
  assertEquals(found("queue/kv_job_store.ts", "await Deno.openKv();"), []);
  assertEquals(found("queue/stores/kv.ts", "await Deno.openKv();"), []);
  assertEquals(found("modstamp/server.ts", "console.error(Deno.args);"), []);
  assertEquals(found("tests/queue/backoff_test.ts", "Date.now();"), []);
});

Deno.test("ambient reports time in a store and in a program", () => {
  assertEquals(found("queue/kv_job_store.ts", "Date.now();").length, 1);
  assertEquals(found("modstamp/server.ts", "Date.now();").length, 1);
});
