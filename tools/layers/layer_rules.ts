import { isProgramFile } from "../program_file.ts";
import type { Import } from "./import_graph.ts";

/** What each folder may import of the others, through their `mod.ts`; `""` is the root. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "": ["loop", "php", "redis", "modstamp", "queue", "websocket", "prefork"],
  loop: [],
  program: ["loop", "telemetry"],
  php: [],
  redis: ["loop"],
  dashboard: ["loop"],
  telemetry: ["loop"],
  modstamp: ["loop", "redis", "dashboard", "telemetry"],
  queue: ["loop", "php", "redis", "dashboard", "telemetry"],
  websocket: ["loop", "php", "redis", "dashboard", "telemetry"],
  prefork: ["loop", "dashboard", "telemetry"],
};

const PACKAGE = "@sluice/sluice";

function moduleOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isByPackageName({ specifier }: Import): boolean {
  return specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`);
}

/** What is wrong with one import; undefined when nothing is. */
function violation(each: Import): string | undefined {
  const [from, to] = [moduleOf(each.from), moduleOf(each.to)];
  if (each.specifier.startsWith("@std/")) return undefined;
  if (isByPackageName(each)) {
    // A program puts modules together: it names what it takes as a stranger would.
    if (each.isDynamic && isProgramFile(each.from)) return undefined;
    return `only a program may import ${each.specifier}, and only by import()`;
  }
  // The version has one home.
  if (each.from === "program/version.ts" && each.to === "deno.json") return undefined;
  if (to === "program" && isProgramFile(each.from)) return undefined;
  if (from !== to) {
    if (!LAYERS[from]?.includes(to)) return `${from || "the root"} must not import ${each.to}`;
    if (each.to !== `${to}/mod.ts`) return `${each.to} is internal: import ${to}/mod.ts`;
  }
  // Pollers are folders of the loop, which its private files are shared with.
  const folder = to === "loop" ? "loop/" : folderOf(each.to);
  if (nameOf(each.to).startsWith("_") && !each.from.startsWith(folder)) {
    return `${each.to} is private to ${folder}`;
  }
  return undefined;
}

/**
 * What breaks the layering: modules know the loop (some also PHP's formats and Redis) and
 * never each other.
 *
 * @param imports The imports of the package.
 * @returns One line for each import that breaks it, as `file:line: what is wrong`.
 */
export function layerViolations(imports: readonly Import[]): string[] {
  return imports.flatMap((each) => {
    const message = violation(each);
    return message === undefined ? [] : [`${each.from}:${each.line}: ${message}`];
  });
}
