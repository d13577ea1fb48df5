import { assertEquals } from "@std/assert";
import { netOf, someOf, storePermissions, wholeOf } from "../../program/mod.ts";

Deno.test("netOf() names hosts as Deno does, and leaves out ports that are none", () => {
  assertEquals(netOf("127.0.0.1", 8001, undefined), [{ name: "net", of: "127.0.0.1:8001" }]);
  assertEquals(netOf("::", 1415), [{ name: "net", of: "[::]:1415" }]);
});

Deno.test("someOf() leaves out what is missing, wholeOf() takes all", () => {
  assertEquals(someOf("read", undefined, "a"), [{ name: "read", of: "a" }]);
  assertEquals(wholeOf("run", "env"), [{ name: "run" }, { name: "env" }]);
});

Deno.test("storePermissions() tells what a store needs", () => {
  const addressesOf = (): { hostname: string; port: number }[] => [{ hostname: "r", port: 6379 }];
  const cases: [store: string | undefined, needed: string[]][] = [
    [undefined, []],
    ["memory:", []],
    ["kv::memory:", []],
    ["kv:queue.db", ["read queue.db", "write queue.db"]],
    ["https://kv.example:8080/path", ["net kv.example:8080"]],
    ["redis://:secret@r", ["net r:6379", "env REDIS_DEBUG_MAINTENANCE"]],
  ];
  for (const [store, needed] of cases) {
    const permissions = storePermissions(store, addressesOf);
    assertEquals(permissions.map(({ name, of }) => `${name} ${of}`), needed);
  }
});
