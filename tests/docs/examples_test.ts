import { assert, assertGreater } from "@std/assert";
import { filesBelow, inProject } from "./markdown.ts";

Deno.test("each example is run by a test", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(inProject("examples"))) names.push(`examples/${name}`);
  assertGreater(names.length, 0);
  const tests = (await filesBelow("tests/")).filter((path) => path.endsWith("_test.ts"));
  const sources = await Promise.all(tests.map((path) => Deno.readTextFile(inProject(path))));
  for (const name of names) {
    assert(sources.some((source) => source.includes(name)), `${name} is run by no test`);
  }
});
