import { assertEquals } from "@std/assert";
import { LocalRegistry } from "../../tools/registry.ts";
import { Program, runProgram } from "./program.ts";

Deno.test("modstamp runs from JSR with nothing but -A", async () => {
  const folder = await Deno.makeTempDir();
  await using registry = await LocalRegistry.start();
  await registry.publish();
  const options = { cwd: folder, env: { ...registry.env, DENO_DIR: `${folder}/deno` } };
  await using server = Program.start(
    ["jsr:@sluice/sluice/modstamp/server.ts", "--port", "0", "--http", "0"],
    options,
  );
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  const client = "jsr:@sluice/sluice/modstamp/client.ts";
  const sent = await runProgram([client, "send", `localhost:${port}`, "test=abc"], options);
  assertEquals([sent.code, sent.stdout], [0, "test=abc\n"]);
  const [, http] = await server.line(/:(\d+) \(http\)/);
  for (const path of ["", "/assets/style.css", "/assets/live.js"]) {
    const response = await fetch(`http://127.0.0.1:${http}/dashboard${path}`);
    assertEquals([response.status, (await response.text()).length > 1000], [200, true]);
  }
  assertEquals(await server.end("SIGTERM"), 0);
  await using killed = Program.start(
    ["jsr:@sluice/sluice/modstamp/server.ts", "--port", port, "--hostname", "127.0.0.1"],
    options,
  );
  await killed.line(/^listening/);
  await killed.end("SIGKILL");
  // The process that it had started with the unstable flags must not outlive it.
  while (!canBind(Number(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  await Deno.remove(folder, { recursive: true });
});

function canBind(port: number): boolean {
  try {
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
