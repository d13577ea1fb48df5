/** The documents of the project, for the tests that hold them to be true. */

const ROOT = new URL("../../", import.meta.url);
const SKIPPED = new Set(["node_modules", ".git", ".data", "coverage"]);

/** A document. */
export interface Markdown {
  /** Its path from the root. */
  readonly path: string;
  /** What it says. */
  readonly text: string;
}

/** All documents, by path. */
export async function allMarkdown(folder = ""): Promise<Markdown[]> {
  const found: Markdown[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + name;
    if (isDirectory && !SKIPPED.has(name)) found.push(...await allMarkdown(`${path}/`));
    if (name.endsWith(".md")) {
      found.push({ path, text: await Deno.readTextFile(new URL(path, ROOT)) });
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The lines of the blocks of code in a language, those that a backslash continues in one. */
export function codeLines({ text }: Markdown, languages: readonly string[]): string[] {
  return [...text.matchAll(/^ *```(\w*)[^\n]*\n(.*?)^ *```/gms)]
    .filter(([, language]) => languages.includes(language))
    .flatMap(([, , code]) => code.replace(/\\\n\s*/g, "").split("\n"));
}

/** A file of the project. */
export function inProject(path: string): URL {
  return new URL(path, ROOT);
}
