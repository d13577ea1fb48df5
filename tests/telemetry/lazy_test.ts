import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

async function specifiersOf(entry: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string }[];
  };
  return modules.map(({ specifier }) => specifier);
}

Deno.test("programs need no client of telemetry until they are observed", async () => {
  for (const entry of ["./queue/server.ts", "./prefork/main.ts", "./telemetry/mod.ts"]) {
    const specifiers = await specifiersOf(entry);
    assertEquals(specifiers.some((each) => each.endsWith("telemetry/mod.ts")), true, entry);
    assertEquals(specifiers.filter((each) => /npm:.*(prom-|telemetry)/.test(each)), [], entry);
  }
});

Deno.test("modules don't know of telemetry", async () => {
  for (const entry of ["./mod.ts", "./queue/mod.ts", "./websocket/mod.ts"]) {
    const specifiers = await specifiersOf(entry);
    assertEquals(specifiers.filter((each) => each.includes("/telemetry/")), [], entry);
  }
});
