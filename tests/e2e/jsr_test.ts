import { assertEquals } from "@std/assert";
import { LocalRegistry } from "../../tools/registry.ts";
import { Program, runProgram } from "./program.ts";

Deno.test("modstamp runs from JSR with nothing but -A", async () => {
  const folder = await Deno.makeTempDir();
  await using registry = await LocalRegistry.start();
  await registry.publish();
  const options = { cwd: folder, env: { ...registry.env, DENO_DIR: `${folder}/deno` } };
  await using server = Program.start(
    ["jsr:@sluice/sluice/modstamp/server.ts", "--port", "0"],
    options,
  );
  const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
  const client = "jsr:@sluice/sluice/modstamp/client.ts";
  const sent = await runProgram([client, "send", `localhost:${port}`, "test=abc"], options);
  assertEquals([sent.code, sent.stdout], [0, "test=abc\n"]);
  assertEquals(await server.end("SIGTERM"), 0);
  await Deno.remove(folder, { recursive: true });
});
