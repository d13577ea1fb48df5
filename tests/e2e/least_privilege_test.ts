import { assert, assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

/** What shows that a program has all that it needs. */
const READY = /(listening|working) on |does not answer|nobody listens there/;
const PORTS = ["1415", "8000", "8001", "11300"];
const FILES: Readonly<Record<string, string>> = {
  "APP.ts": "export default { fetch: () => new Response(), onMessage() {} };\n",
  "JOBS.ts": 'import { defineJobs } from "@sluice/sluice/queue";\nexport default defineJobs({});\n',
  "jobs.ndjson": "",
};

interface Documented {
  readonly permissions: readonly string[];
  readonly features: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
}

/** The command lines that the documentation gives, with ports that are free. */
async function documented(): Promise<Documented[]> {
  const text = await Deno.readTextFile(fromFileUrl("../../SECURITY.md"));
  const lines = [...text.replaceAll(/ \\\n +/g, " ").matchAll(/^deno run (--.*)$/gm)];
  return lines.map(([, line]) => readCommand(line));
}

/** A folder with the files that the documentation names, where the package is found by its name. */
async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ dir: fromFileUrl(".."), prefix: "least_privilege_" });
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function readCommand(line: string): Documented {
  const ports = new Map(PORTS.map((port) => [port, String(freePort())]));
  const words = line.replaceAll(/\b\d{4,5}\b/g, (port) => ports.get(port) ?? port).split(" ");
  const at = words.findIndex((word) => !word.startsWith("--"));
  const flags = words.slice(0, at);
  const [program, ...args] = words.slice(at);
  return {
    permissions: flags.filter((flag) => flag.startsWith("--allow-")),
    features: flags.filter((flag) => flag.startsWith("--unstable-")),
    program,
    args: [...args, ...portFlags(program, ports)],
  };
}

/** Where a program listens that the documentation leaves at its default. */
function portFlags(program: string, ports: ReadonlyMap<string, string>): string[] {
  switch (program) {
    case "modstamp/server.ts":
      return ["--port", "0"];
    case "queue/server.ts":
      return ["--line", ports.get("8001")!, "--beanstalk", ports.get("11300")!];
    case "queue/work.ts":
      return ["--server", `127.0.0.1:${ports.get("11300")}`];
    case "queue/push.ts":
      return ["--server", `127.0.0.1:${ports.get("8001")}`];
    case "websocket/listen.ts":
    case "prefork/main.ts":
      return ["-p", ports.get("8000")!];
  }
  return [];
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "each program runs with the permissions that SECURITY.md gives, and asks for no others" +
    need("script").suffix,
  ignore: Deno.build.os !== "linux" || need("script").ignore,
  fn: async () => {
    const commands = await documented();
    assertEquals(new Set(commands.map(({ program }) => program)).size, 7);
    for (const { permissions, features, program, args } of commands) {
      await using folder = await makeFolder();
      const denoFlags = [...permissions, ...features];
      const options = { cwd: folder.path, denoFlags, terminal: true };
      await using running = Program.start([program, ...args], options);
      // This is how Deno asks.
      await running.line(new RegExp(`${READY.source}|requests`));
      assert(!running.lines.some((line) => line.includes("requests")), running.lines.join("\n"));
    }
  },
});

/** Runs a command line without some of its permissions: it has to name just these. */
async function refuses(command: Documented, missing: readonly string[]): Promise<void> {
  const { permissions, features, program, args } = command;
  const left = permissions.filter((flag) => !missing.includes(flag));
  const outcome = await runProgram([program, ...args], { denoFlags: [...left, ...features] });
  const hint = `error: Cannot start without ${missing.join(" ")}: add it to deno run, before `;
  // Deno itself may add a hint of its own before, when flags follow the program.
  const [last] = outcome.stderr.trim().split("\n").slice(-1);
  assertEquals([outcome.code, last], [2, `${hint}${program}`]);
}

Deno.test("each program tells which permissions it lacks, in a line, and exits with 2", async () => {
  const commands = await documented();
  for (const command of commands) await refuses(command, command.permissions);
  const server = commands.find(({ program }) => program === "queue/server.ts")!;
  for (const flag of server.permissions) await refuses(server, [flag]);
});

Deno.test("a program tells which file it may not read", async () => {
  const denoFlags = ["--unstable-kv", "--unstable-net", "--allow-net"];
  const args = ["modstamp/server.ts", "--store", "memory:", "--config", "flags.yaml"];
  const { code, stderr } = await runProgram(args, { denoFlags });
  assertEquals(
    [code, stderr],
    [2, "error: Cannot use config file flags.yaml without --allow-read=flags.yaml\n"],
  );
});
