import { assertEquals, assertStringIncludes } from "@std/assert";
import { Program, runProgram } from "./program.ts";

const SERVER = "modstamp/server.ts";
const CLIENT = "modstamp/client.ts";
const isLinux = Deno.build.os === "linux";

async function client(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([CLIENT, ...args]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

async function serve(store: string): Promise<{ server: Program; host: string }> {
  const server = Program.start([SERVER, "--port", "0", "--workers", "2", "--store", store]);
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\), 2 workers/);
  return { server, host: `127.0.0.1:${port}` };
}

Deno.test({
  name: "server.ts --workers tells the subscribers of every worker",
  ignore: !isLinux,
  fn: async () => {
    const { server, host } = await serve("memory:");
    await using _server = server;
    await client("send", host, "test=old");
    // The kernel deals clients out by their ports, so that several reach both workers.
    const listeners = Array.from(
      { length: 6 },
      () => Program.start([CLIENT, "listen", host, "test=known"]),
    );
    for (const listener of listeners) await listener.line(/^test=old$/);
    await client("send", host, "test=new");
    for (const listener of listeners) await listener.line(/^test=new$/);
    for (const listener of listeners) assertEquals(await listener.end("SIGTERM"), 0);
    assertEquals(await server.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: "server.ts --workers keeps what it confirmed when a worker and then all is killed",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const { server, host } = await serve(`kv:${folder}/values.db`);
    await client("send", host, "test=kept");
    const from = server.lines.length;
    const children = await Deno.readTextFile(`/proc/${server.pid}/task/${server.pid}/children`);
    const [victim] = children.split(" ").map(Number);
    Deno.kill(victim, "SIGKILL");
    await server.line(/worker \d+: .*ready/i, from);
    assertEquals(await client("get", host, "test"), "test=kept\n");
    await server.end("SIGKILL");
    const again = await serve(`kv:${folder}/values.db`);
    assertEquals(await client("get", again.host, "test"), "test=kept\n");
    assertEquals(await again.server.end("SIGTERM"), 0);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("server.ts --workers tells what is wrong in one line", async () => {
  const outcome = await runProgram([SERVER, "--workers", "none", "--store", "memory:"]);
  assertEquals(outcome.code, 2);
  assertStringIncludes(outcome.stderr, "Cannot use --workers none");
});
