/** One import of one file of the package by another. */
export interface Import {
  /** The file that imports, relative to the root of the package. */
  readonly from: string;
  /** The file that is imported, relative to the root of the package. */
  readonly to: string;
  /** The line it stands on, the first line being 1. */
  readonly line: number;
  /** The text of the specifier. */
  readonly specifier: string;
  /** Whether it is an `import()` at run time. */
  readonly isDynamic: boolean;
}

/** The part of `deno info --json` that is read here. */
interface InfoOutput {
  readonly modules: readonly { readonly specifier: string; readonly dependencies?: Dependency[] }[];
}

interface Dependency {
  readonly specifier: string;
  readonly code?: Resolution;
  readonly type?: Resolution;
  readonly isDynamic?: boolean;
}

interface Resolution {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

/** The TypeScript files below a folder, without those in hidden folders. */
async function sourceFiles(folder: URL): Promise<URL[]> {
  const files: URL[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) files.push(...await sourceFiles(new URL(`${entry.name}/`, folder)));
    else if (entry.name.endsWith(".ts")) files.push(new URL(entry.name, folder));
  }
  return files;
}

/** What `deno info --json` says of all files together. */
async function info(root: URL, files: readonly URL[]): Promise<InfoOutput> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, files.map(({ href }) => `import("${href}");\n`).join(""));
    const config = new URL("deno.json", root).pathname;
    const args = ["info", "--json", "--config", config, entry];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(entry);
  }
}

/**
 * Every import of a file of the package by another one, those for types included.
 *
 * @param root The folder that holds `deno.json`.
 * @param folders The folders to read below it; `""` is the root itself, without its subfolders.
 * @returns The imports.
 */
export async function readImports(root: URL, folders: readonly string[]): Promise<Import[]> {
  const inFolder = (file: URL): boolean => {
    const [first, ...rest] = file.href.slice(root.href.length).split("/");
    return folders.includes(rest.length === 0 ? "" : first!);
  };
  const files = (await sourceFiles(root)).filter(inFolder);
  const own = new Set(files.map(({ href }) => href));
  const { modules } = await info(root, files);
  return modules.filter((module) => own.has(module.specifier)).flatMap((module) =>
    (module.dependencies ?? []).flatMap((dependency) => {
      const target = dependency.code ?? dependency.type;
      if (!target?.specifier?.startsWith(root.href)) return [];
      return [{
        from: module.specifier.slice(root.href.length),
        to: target.specifier.slice(root.href.length),
        line: target.span.start.line + 1,
        specifier: dependency.specifier,
        isDynamic: dependency.isDynamic ?? false,
      }];
    })
  );
}
