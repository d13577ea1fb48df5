import { assert, assertGreater } from "@std/assert";
import { filesBelow, inProject } from "./markdown.ts";

/** The paths that a document names; `a/{b,c}.ts` is two. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/[\w/{},.-]*\w\.(?:ts|js)\b|\b[\w/]+\/(?=[\s`,;:.)]|$)/gm)]
    .flatMap(([path]) => {
      const [, before, choices, after] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
      return choices?.split(",").map((choice) => before + choice + after) ?? path;
    });
}

Deno.test("ARCHITECTURE.md names files and folders that exist", async () => {
  const text = await Deno.readTextFile(inProject("ARCHITECTURE.md"));
  const files = (await filesBelow("")).map((path) => `/${path}`);
  const paths = pathsIn(text);
  assertGreater(paths.length, 80);
  for (const path of paths) {
    const isThere = path.endsWith("/")
      ? files.some((file) => file.includes(`/${path}`))
      : files.some((file) => file.endsWith(`/${path}`));
    assert(isThere, `There is no ${path}`);
  }
});
