import { assert, assertEquals, assertGreater } from "@std/assert";
import { inProject } from "./markdown.ts";

/** A file of tests, and parts of the names of those that a document says are there. */
interface Proof {
  readonly path: string;
  readonly names: readonly string[];
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/"([^"]+)"/g)].map(([, name]) => name.replaceAll("\\", ""));
}

/** What a block of a document, the text before each link to a file of tests, names. */
function proofsIn(block: string): Proof[] {
  return block.split(/(?<=\]\([^)]+\))/).flatMap((part) => {
    const path = /\]\((tests\/[^)]+\.ts)\)$/.exec(part)?.[1];
    return path === undefined ? [] : [{ path, names: namesIn(part) }];
  });
}

for (const document of ["GUARANTEES.md", "SECURITY.md"]) {
  Deno.test(`${document} names tests that exist`, async () => {
    const text = await Deno.readTextFile(inProject(document));
    // Prose may break a line where a row of a table doesn't.
    const blocks = text.replace(/^```.*?^```/gms, "")
      .split(/\n(?=\||\n)/)
      .map((block) => block.replace(/\n\s*/g, " "));
    const proofs = blocks.flatMap(proofsIn);
    assertGreater(proofs.length, 30);
    for (const { path, names } of proofs) {
      const source = await Deno.readTextFile(inProject(path));
      assertGreater(names.length, 0, path);
      for (const name of names) assert(source.includes(name), `${path} has no test "${name}"`);
    }
    assertEquals(proofs.flatMap(({ names }) => names), blocks.flatMap(namesIn), "without a file");
  });
}
