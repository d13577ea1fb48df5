import { assertEquals, assertThrows } from "@std/assert";
import { Supervisor } from "../../prefork/mod.ts";
import { checkWorkers, resolveLimits, resolveShare } from "../../prefork/_settings.ts";

Deno.test("resolveLimits() fills in defaults, and asks for a sign of life often enough", () => {
  const { timeoutMs, heartbeatMs, drainMs, jitter } = resolveLimits({ drainMs: 10 });
  assertEquals([timeoutMs, heartbeatMs, drainMs, jitter], [30_000, 1000, 10, 0.1]);
  assertEquals(resolveLimits({ timeoutMs: 1000 }).heartbeatMs, 250);
});

Deno.test("resolveLimits() refuses what makes no sense", () => {
  for (const options of [{ drainMs: -1 }, { timeoutMs: 0 }, { jitter: 2 }, { settleMs: NaN }]) {
    assertThrows(() => resolveLimits(options), RangeError, "Cannot supervise workers as");
  }
});

Deno.test("checkWorkers() wants a whole number up to 1024", () => {
  assertEquals([0, 1024].map(checkWorkers), [0, 1024]);
  for (const workers of [-1, 1.5, 1025, NaN]) {
    assertThrows(() => checkWorkers(workers), RangeError, `Cannot have ${workers} workers`);
  }
});

Deno.test("resolveShare() shares a port where there is one", () => {
  assertEquals(resolveShare({ entry: "a.ts" }, "linux"), "none");
  assertEquals(resolveShare({ entry: "a.ts", port: 0 }, "linux"), "reuseport");
  assertEquals(resolveShare({ entry: "a.ts", port: 1, share: "inherit" }, "linux"), "inherit");
  assertEquals(resolveShare({ entry: "a.ts", port: 1 }, "darwin"), "reuseport");
});

Deno.test("resolveShare() says what can't work on a system", () => {
  const refusals: [Parameters<typeof resolveShare>[0], string, string][] = [
    [{ entry: "a.ts", port: 1 }, "windows", "windows has no signals"],
    [{ entry: "a.ts", port: 1, workers: 2 }, "darwin", "darwin doesn't balance SO_REUSEPORT"],
    [{ entry: "a.ts", port: 1, share: "inherit" }, "darwin", "on darwin"],
    [{ entry: "a.ts", share: "reuseport" }, "linux", "no port is given"],
    [{ entry: "a.ts", port: 70_000 }, "linux", "port 70000"],
    [{ entry: "a.ts", share: "divide" as "none" }, "linux", "by divide"],
  ];
  for (const [options, os, message] of refusals) {
    const error = assertThrows(() => resolveShare(options, os), Error, message);
    assertEquals(error instanceof TypeError || error instanceof RangeError, true);
  }
});

Deno.test("new Supervisor() refuses what makes no sense", () => {
  assertThrows(() => new Supervisor({ entry: "a.ts", workers: -1 }), RangeError);
  assertThrows(() => new Supervisor({ entry: "a.ts", timeoutMs: 0 }), RangeError);
  assertThrows(
    () => new Supervisor({ entry: "a.ts", permissions: ["--inspect"] }),
    TypeError,
    "Cannot give workers --inspect as it is no permission flag of Deno",
  );
});
