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

/** The paths of all files in a folder and below. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder || ".", ROOT))) {
    if (!isDirectory) found.push(folder + name);
    else if (!SKIPPED.has(name)) found.push(...await filesBelow(`${folder}${name}/`));
  }
  return found.sort();
}

/** All documents, by path. */
export async function allMarkdown(): Promise<Markdown[]> {
  const paths = (await filesBelow("")).filter((path) => path.endsWith(".md"));
  const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
  return Promise.all(paths.map(async (path) => ({ path, text: await read(path) })));
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
