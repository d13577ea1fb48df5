import { assert, assertEquals, assertGreater } from "@std/assert";
import { runProgram } from "../e2e/program.ts";
import { allMarkdown, codeLines, inProject } from "./markdown.ts";

const LANGUAGES = ["sh", "ini", "yaml", "dockerfile", "text", "console"];
const PROGRAM =
  /(?:jsr:@sluice\/sluice\/|\s)([a-z]+\/(?:server|client|work|listen|main|push)\.ts)\b(.*)/;
/** Flags that a program reads before its table of flags. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  "prefork/main.ts": ["--env", "--deno-flag", "--allow-", "--deny-"],
};

interface Command {
  path: string;
  program: string;
  flags: string[];
}

/** The commands of all documents that run a program of the package. */
async function commands(): Promise<Command[]> {
  const documents = await allMarkdown();
  return documents.flatMap((document) =>
    codeLines(document, LANGUAGES).flatMap((line) => {
      const [, program, rest] = PROGRAM.exec(line.replace(/\s#.*/, "")) ?? [];
      if (program === undefined) return [];
      const flags = rest.split(/\s--\s/)[0].match(/(?<=\s)--?[a-z][\w-]*/g) ?? [];
      return [{ path: document.path, program, flags: [...flags] }];
    })
  );
}

Deno.test("documents show programs that exist, with flags that they have", async () => {
  const all = await commands();
  assertGreater(all.length, 20);
  const helps = new Map<string, string>();
  for (const { path, program, flags } of all) {
    if (!helps.has(program)) {
      assert((await Deno.stat(inProject(program))).isFile, `${path}: ${program}`);
      const { code, stdout } = await runProgram([program, "--help"]);
      assertEquals(code, 0);
      helps.set(program, stdout);
    }
    const help = helps.get(program)!;
    for (const flag of flags) {
      const isOwn = OWN[program]?.some((own) => flag.startsWith(own)) ?? false;
      assert(
        isOwn || new RegExp(`(^|[ ,])${flag}[ ,\n]`, "m").test(help),
        `${path}: ${program} ${flag}`,
      );
    }
  }
});

Deno.test("documents show examples that exist", async () => {
  for (const document of await allMarkdown()) {
    for (const [, example] of document.text.matchAll(/\b(examples\/[\w/]+\.ts)\b/g)) {
      assert((await Deno.stat(inProject(example))).isFile, `${document.path}: ${example}`);
    }
  }
});

Deno.test("README.md has at most 200 lines", async () => {
  const lines = (await Deno.readTextFile(inProject("README.md"))).split("\n").length;
  assert(lines <= 201, `${lines - 1} lines`);
});
