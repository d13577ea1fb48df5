import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../e2e/paths.ts";

const MAIN = fromFileUrl("../../tools/chaos/main.ts");
const ignore = Deno.build.os !== "linux";

async function chaos(args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", "--unstable-net", MAIN, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test({
  name: "tools/chaos keeps every guarantee while programs die, stand still and lose their network",
  ignore,
  fn: async () => {
    const { code, text } = await chaos(["--minutes", "0.2", "--seed", "8", "--rest", "1"]);
    assertEquals(code, 0, text);
    for (const scene of ["queue", "modstamp", "websocket", "prefork"]) {
      assertMatch(text, new RegExp(`^ok +${scene}: `, "m"));
    }
    assertMatch(text, /^ok +no process is left$/m);
  },
});

Deno.test("tools/chaos refuses what it doesn't know", async () => {
  const { code, text } = await chaos(["--hours", "1"]);
  assertEquals([code, text], [2, "Cannot use --hours\n"]);
});
