import { assert, assertEquals } from "@std/assert";
import { WorkerCommand } from "../../prefork/_worker_command.ts";

const place = { id: 3, port: 8000, env: {} };

Deno.test("WorkerCommand.for() runs the program with the agent before it", () => {
  const command = new WorkerCommand({
    entry: "/srv/app.ts",
    permissions: ["--allow-net"],
    args: ["-x"],
    denoFlags: ["--cached-only"],
    maxHeapMb: 64,
    cwd: "/srv",
  }, "reuseport").for(place);
  const agent = new URL("../../prefork/_agent.ts", import.meta.url).href;
  assertEquals(command.file, Deno.execPath());
  assertEquals(command.cwd, "/srv");
  assertEquals(command.args, [
    ..."run --quiet --no-prompt --allow-net --unstable-net".split(" "),
    "--v8-flags=--max-old-space-size=64",
    "--cached-only",
    "--preload",
    agent,
    "/srv/app.ts",
    "-x",
  ]);
});

Deno.test("WorkerCommand.for() takes a path from here, and a URL as it is", () => {
  const entries = ["app.ts", "jsr:@a/b/app.ts", new URL("file:///a%20b.ts")];
  assertEquals(
    entries.map((entry) =>
      new WorkerCommand({ entry, permissions: [] }, "none").for(place).args.at(-1)
    ),
    [`${Deno.cwd()}/app.ts`, "jsr:@a/b/app.ts", "file:///a%20b.ts"],
  );
});

Deno.test("WorkerCommand.for() numbers workers, and adds to the environment", () => {
  const options = { entry: "/a.ts", permissions: [], env: { A: "1", B: "1" } };
  const { env } = new WorkerCommand(options, "none").for({ ...place, env: { B: "2" } });
  assertEquals([env.WORKER_ID, env.PORT, env.A, env.B], ["3", "8000", "1", "2"]);
  assertEquals(env.PATH, Deno.env.get("PATH"));
});

Deno.test("WorkerCommand.for() keeps from workers what is the supervisor's", () => {
  Deno.env.set("NOTIFY_SOCKET", "/run/notify");
  try {
    const options = { entry: "/a.ts", permissions: [] };
    const { env } = new WorkerCommand(options, "none").for(place);
    assert(!("NOTIFY_SOCKET" in env));
    const cleared = new WorkerCommand({ ...options, clearEnv: true }, "none").for(place).env;
    const known = ["DENO_DIR", "HOME", "JSR_URL", "NPM_CONFIG_REGISTRY", "PATH"];
    assertEquals(
      Object.keys(cleared).filter((name) => !known.includes(name)).sort(),
      ["PORT", "WORKER_ID"],
    );
  } finally {
    Deno.env.delete("NOTIFY_SOCKET");
  }
});
