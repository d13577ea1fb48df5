import { assertEquals, assertRejects } from "@std/assert";
import { openKvFile } from "../../loop/mod.ts";

const ignore = Deno.build.os === "windows";

function permissionsOf(path: string): number {
  return Deno.statSync(path).mode! & 0o777;
}

Deno.test({
  name: "openKvFile() makes a file, and those beside it, that only its owner can use",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/values.db`;
    using kv = await openKvFile(path);
    await kv.set(["a"], 1);
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(files, ["values.db", "values.db-shm", "values.db-wal"]);
    for (const name of files) assertEquals(permissionsOf(`${folder}/${name}`), 0o600, name);
  },
});

Deno.test({
  name: "openKvFile() opens a file that is there, and leaves its permissions alone",
  ignore,
  fn: async () => {
    const path = `${await Deno.makeTempDir()}/values.db`;
    {
      using kv = await openKvFile(path);
      await kv.set(["a"], 1);
    }
    await Deno.chmod(path, 0o640);
    using kv = await openKvFile(path);
    assertEquals((await kv.get(["a"])).value, 1);
    assertEquals(permissionsOf(path), 0o640);
  },
});

Deno.test("openKvFile() opens memory, and throws where there is no folder", async () => {
  using kv = await openKvFile(":memory:");
  assertEquals((await kv.get(["a"])).value, null);
  await assertRejects(() => openKvFile("/nowhere/values.db"), Deno.errors.NotFound);
});
