import { assertEquals } from "@std/assert";

const CHECK = new URL("../../tools/check_layers.ts", import.meta.url).pathname;

/** Runs the check on a package that holds the given files. */
async function run(files: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const root = await Deno.makeTempDir();
  try {
    const config = { name: "@sluice/sluice", version: "0.0.0", exports: "./mod.ts" };
    await Deno.writeTextFile(`${root}/deno.json`, JSON.stringify(config));
    for (const [path, text] of Object.entries(files)) {
      const file = new URL(path, `file://${root}/`);
      await Deno.mkdir(new URL(".", file), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    const args = ["run", "-A", CHECK, root];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("check_layers exits 0 and says nothing when the layers are kept", async () => {
  assertEquals(
    await run({
      "mod.ts": `export { a } from "./queue/mod.ts";`,
      "queue/mod.ts": `import { b } from "../loop/mod.ts";\nexport const a = b;`,
      "loop/mod.ts": `export const b = 1;`,
      "tests/a_test.ts": `import "../loop/mod.ts"; import "../queue/mod.ts";`,
    }),
    { code: 0, stderr: "" },
  );
});

Deno.test("check_layers exits 1 and names each import that breaks the layers", async () => {
  assertEquals(
    await run({
      "mod.ts": `export { a } from "./queue/mod.ts";`,
      "queue/mod.ts": `\nimport type { B } from "../modstamp/mod.ts";\nexport let a: B;`,
      "modstamp/mod.ts": `export type B = number;\nexport * from "../loop/_heap.ts";`,
      "loop/_heap.ts": `export const heap = () => import("../php/mod.ts");`,
      "php/mod.ts": `export {};`,
    }),
    {
      code: 1,
      stderr: [
        "loop/_heap.ts:1: loop must not import php/mod.ts",
        "modstamp/mod.ts:2: loop/_heap.ts is internal: import loop/mod.ts",
        "queue/mod.ts:2: queue must not import modstamp/mod.ts",
        "",
      ].join("\n"),
    },
  );
});
