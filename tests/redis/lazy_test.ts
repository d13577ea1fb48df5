import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

Deno.test("what can use Redis needs no npm:redis until it does", async () => {
  for (const entry of ["./mod.ts", "./redis/mod.ts", "./modstamp/server.ts", "./queue/server.ts"]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: ROOT,
    }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
      modules: { specifier: string }[];
    };
    const specifiers = modules.map(({ specifier }) => specifier);
    assertEquals(specifiers.filter((each) => /npm:.*redis/.test(each)), [], entry);
    assertEquals(specifiers.some((each) => each.endsWith("redis/_node_redis.ts")), true);
  }
});
