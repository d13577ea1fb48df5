import { assertEquals, assertThrows } from "@std/assert";
import {
  checkOtherFlags,
  isPermissionFlag,
  PermissionError,
  workerPermissions,
} from "../../prefork/_worker_permissions.ts";

Deno.test("isPermissionFlag() knows Deno's flags", () => {
  for (const flag of ["-A", "-N", "-R=/tmp", "--allow-net", "--allow-read=a,b", "--deny-env"]) {
    assertEquals(isPermissionFlag(flag), true, flag);
  }
  for (const flag of ["--allow", "-p", "--port", "-Nx", "--allowance-a", "app.ts"]) {
    assertEquals(isPermissionFlag(flag), false, flag);
  }
});

Deno.test("workerPermissions() passes on what was asked for, and never nothing at all", () => {
  assertEquals(workerPermissions(["--allow-net", "-R=/tmp"]), ["--allow-net", "-R=/tmp"]);
  assertEquals(workerPermissions([]), ["--deny-run"]);
  assertThrows(() => workerPermissions(["--allow-hrtime"]), TypeError, "knows no such permission");
  assertThrows(() => workerPermissions(["--quiet"]), TypeError, "no permission flag");
});

Deno.test("workerPermissions() keeps the meaning of paths when workers run elsewhere", () => {
  const asked = ["-R=a,/b", "--deny-write=./c", "--allow-run=deno,./d", "--allow-net=e", "-W"];
  assertEquals(workerPermissions(asked, "/home"), [
    "-R=/home/a,/b",
    "--deny-write=/home/./c",
    "--allow-run=deno,/home/./d",
    "--allow-net=e",
    "-W",
  ]);
});

Deno.test("checkOtherFlags() refuses flags that permit something", () => {
  checkOtherFlags(["--unstable-kv", "--v8-flags=--allow-natives-syntax", "-q", "--config=a.json"]);
  for (const flag of ["-A", "-qA", "--allow-net", "--allow-scripts", "-P", "--permission-set=a"]) {
    assertThrows(() => checkOtherFlags([flag]), TypeError, `Cannot give workers ${flag}`);
  }
});

Deno.test({
  name: "workerPermissions() gives what the supervisor has in full",
  permissions: { net: true, read: ["/tmp"], env: true },
  fn: () => assertEquals(workerPermissions(undefined), ["--allow-net", "--allow-env"]),
});

Deno.test({
  name: "workerPermissions() gives nothing when the supervisor has nothing in full",
  permissions: { read: ["/tmp"] },
  fn: () => assertEquals(workerPermissions(undefined), ["--deny-run"]),
});

Deno.test({
  name: "workerPermissions() refuses more than the supervisor has",
  permissions: { net: ["127.0.0.1"], read: ["/tmp"], env: ["HOME"] },
  fn: () => {
    const asked = ["--allow-net=127.0.0.1", "--allow-read=/tmp/a,/tmp/b", "-E=HOME", "--deny-run"];
    assertEquals(workerPermissions(asked), asked);
    for (
      const flag of ["-A", "--allow-all", "-N", "--allow-net=10.0.0.1", "-R=/etc", "--allow-ffi"]
    ) {
      assertThrows(
        () => workerPermissions([flag]),
        PermissionError,
        `Cannot give workers ${flag} as the supervisor may less itself`,
      );
    }
  },
});
