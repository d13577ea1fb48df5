import { assertEquals, assertMatch } from "@std/assert";

const OK = new URL("../../tools/ok.ts", import.meta.url).pathname;

/** Runs the checks without the steps named, in a folder that holds nothing to check. */
async function run(skip: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const cwd = await Deno.makeTempDir();
  try {
    const env = { SLUICE_OK_SKIP: skip, NO_COLOR: "1" };
    const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", OK], env, cwd });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("ok exits 1 and still runs the other steps when one fails", async () => {
  const { code, stdout } = await run("check,fmt,lint,test,publish");
  assertMatch(stdout, /^FAILED layers/m);
  assertMatch(stdout, /^FAILED doc/m);
  assertEquals(code, 1);
});

Deno.test("ok exits 2 when a step to skip doesn't exist", async () => {
  const { code, stderr } = await run("test,tset");
  assertEquals([code, stderr], [2, "SLUICE_OK_SKIP names no step: tset\n"]);
});
