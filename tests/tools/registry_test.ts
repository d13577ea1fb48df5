import { assert, assertArrayIncludes, assertEquals, assertRejects } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { LocalRegistry, PublishError } from "../../tools/registry.ts";

/** Makes a folder with the given files, and removes it in the end. */
async function folder(files: Record<string, string>): Promise<AsyncDisposable & { url: URL }> {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return {
    url: new URL(`file://${path}/`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const FIXTURE = {
  "LICENSE": "MIT",
  "deno.json": JSON.stringify({
    name: "@fixture/greeting",
    version: "1.2.3",
    license: "MIT",
    exports: { ".": "./mod.ts", "./main.ts": "./main.ts", "./other": "./other.ts" },
    imports: { "@std/cli": "jsr:@std/cli@^1", "@std/yaml": "jsr:@std/yaml@^1" },
  }),
  "mod.ts": `export const greeting: string = "hello";\n`,
  "other.ts": `export const other: string = "unused";\n`,
  "main.ts": `import { parseArgs } from "@std/cli/parse-args";
import { stringify } from "@std/yaml";
const { greeting } = await import("@fixture/greeting");
const { name } = parseArgs(Deno.args, { string: ["name"] });
console.log(stringify({ [greeting]: name }).trim());
`,
};

Deno.test("LocalRegistry.publish() serves a package that runs by its JSR name", async () => {
  await using registry = await LocalRegistry.start();
  await using root = await folder(FIXTURE);
  await registry.publish(root.url);
  await using empty = await folder({});
  const args = ["run", "-A", "jsr:@fixture/greeting/main.ts", "--name", "you"];
  const command = new Deno.Command(Deno.execPath(), { args, env: registry.env, cwd: empty.url });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assertEquals([decoder.decode(stdout), code], ["hello: you\n", 0], decoder.decode(stderr));
  assertArrayIncludes(registry.requests, ["/@fixture/greeting/1.2.3/mod.ts"]);
  assert(!registry.requests.includes("/@fixture/greeting/1.2.3/other.ts"));
});

Deno.test("LocalRegistry.publish() holds the exports of this package and no tests", async () => {
  await using registry = await LocalRegistry.start();
  await registry.publish();
  const files = registry.files(config.name);
  assertArrayIncludes(files, Object.values(config.exports).map((path) => path.slice(2)));
  assertEquals(files.filter((path) => /^(tests|tools|bench|examples|\.)/.test(path)), []);
});

Deno.test("LocalRegistry.publish() rejects when the package can't be published", async () => {
  await using registry = await LocalRegistry.start();
  await using root = await folder({ ...FIXTURE, "other.ts": "export const a = " });
  await assertRejects(() => registry.publish(root.url), PublishError, "other.ts");
  assertEquals(registry.files("@fixture/greeting"), []);
});
