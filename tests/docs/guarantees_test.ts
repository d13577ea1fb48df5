import { assert, assertGreater } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** What a line of the document says that a file of tests has: its path, and parts of names. */
function proofsIn(line: string): { path: string; names: string[] }[] {
  return line.split(/(?<=\]\([^)]+\))/).flatMap((part) => {
    const path = /\]\((tests\/[^)]+\.ts)\)$/.exec(part)?.[1];
    if (path === undefined) return [];
    return [{ path, names: [...part.matchAll(/"([^"]+)"/g)].map(([, name]) => name) }];
  });
}

Deno.test("GUARANTEES.md names tests that exist", async () => {
  const text = await Deno.readTextFile(new URL("GUARANTEES.md", ROOT));
  // Prose may break a line where a row of a table doesn't.
  const blocks = text.split(/\n(?=\||\n)/).map((block) => block.replaceAll("\n", " "));
  const proofs = blocks.flatMap(proofsIn);
  assertGreater(proofs.length, 30);
  for (const { path, names } of proofs) {
    const source = await Deno.readTextFile(new URL(path, ROOT));
    assertGreater(names.length, 0, path);
    for (const name of names) assert(source.includes(name), `${path} has no test "${name}"`);
  }
});
