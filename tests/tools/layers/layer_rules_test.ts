import { assertEquals } from "@std/assert";
import type { Import } from "../../../tools/layers/import_graph.ts";
import { layerViolations } from "../../../tools/layers/layer_rules.ts";

function check(from: string, to: string, options: Partial<Import> = {}): string[] {
  return layerViolations([{
    from,
    to,
    line: 7,
    specifier: `../${to}`,
    isDynamic: false,
    ...options,
  }]);
}

Deno.test("layerViolations() names file and line when a module imports its sibling", () => {
  assertEquals(check("queue/server.ts", "modstamp/mod.ts"), [
    "queue/server.ts:7: queue must not import modstamp/mod.ts",
  ]);
  assertEquals(check("modstamp/store.ts", "php/mod.ts").length, 1);
  assertEquals(check("loop/event_loop.ts", "php/mod.ts").length, 1);
  assertEquals(check("php/reader.ts", "loop/mod.ts").length, 1);
});

Deno.test("layerViolations() lets a module import the layers below it", () => {
  for (const module of ["modstamp", "queue", "websocket", "prefork"]) {
    assertEquals(check(`${module}/a.ts`, "loop/mod.ts"), []);
    assertEquals(check("mod.ts", `${module}/mod.ts`), []);
  }
  assertEquals(check("queue/job.ts", "php/mod.ts"), []);
  assertEquals(check("websocket/session.ts", "php/mod.ts"), []);
});

Deno.test("layerViolations() reports an import that goes round the public face", () => {
  assertEquals(check("queue/job.ts", "loop/timer_queue.ts"), [
    "queue/job.ts:7: loop/timer_queue.ts is internal: import loop/mod.ts",
  ]);
  assertEquals(check("mod.ts", "queue/job.ts").length, 1);
});

Deno.test("layerViolations() reports what isn't published when a module imports it", () => {
  assertEquals(check("queue/job.ts", "tools/registry.ts").length, 1);
  assertEquals(check("mod.ts", "tests/sim/world.ts").length, 1);
  const specifier = "@std/cli/parse-args";
  assertEquals(check("queue/server.ts", "tools/std/cli/parse_args.ts", { specifier }), []);
});

Deno.test("layerViolations() lets only programs import the package by its name, at run time", () => {
  const specifier = "@sluice/sluice/prefork";
  const byName = (from: string, isDynamic: boolean): number =>
    check(from, "prefork/mod.ts", { specifier, isDynamic }).length;
  assertEquals(byName("modstamp/server.ts", true), 0);
  assertEquals(byName("modstamp/server.ts", false), 1);
  assertEquals(byName("modstamp/store.ts", true), 1);
  assertEquals(byName("queue/stores/work.ts", true), 1);
});

Deno.test("layerViolations() reports a private file when it is imported from above its folder", () => {
  assertEquals(check("queue/mod.ts", "queue/stores/_segment.ts"), [
    "queue/mod.ts:7: queue/stores/_segment.ts is private to queue/stores/",
  ]);
  assertEquals(check("queue/stores/kv.ts", "queue/stores/_segment.ts"), []);
  assertEquals(check("queue/stores/kv.ts", "queue/_segment.ts"), []);
  assertEquals(check("loop/event_loop.ts", "loop/epoll/_libc.ts"), []);
  assertEquals(check("mod.ts", "loop/_heap.ts").length, 1);
});
