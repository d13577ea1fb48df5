import { assertEquals } from "@std/assert";
import { takeWorkerFlags } from "../../prefork/_worker_flags.ts";

Deno.test("takeWorkerFlags() parts what is meant for workers from the rest", () => {
  const line = "app.ts -w 2 --allow-net --env A=1 --env=B=x=y --deno-flag --cached-only -R=/tmp";
  assertEquals(takeWorkerFlags([...line.split(" "), "--", "--allow-all", "--env"]), {
    permissions: ["--allow-net", "-R=/tmp"],
    denoFlags: ["--cached-only"],
    env: { A: "1", B: "x=y" },
    args: ["--allow-all", "--env"],
    rest: ["app.ts", "-w", "2"],
    fault: null,
  });
});

Deno.test("takeWorkerFlags() has no permissions when none are given", () => {
  assertEquals(takeWorkerFlags(["app.ts"]).permissions, undefined);
});

Deno.test("takeWorkerFlags() says what is wrong", () => {
  assertEquals(takeWorkerFlags(["--env"]).fault, "Cannot use --env without a value");
  assertEquals(takeWorkerFlags(["--deno-flag="]).fault, "Cannot use --deno-flag without a value");
  assertEquals(
    takeWorkerFlags(["--env", "A"]).fault,
    "Cannot use --env A as it must be NAME=VALUE",
  );
});
