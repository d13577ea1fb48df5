import { isProgramFile } from "../program_file.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The part that a file plays in the package. */
export type Place = "loop" | "prefork" | "store" | "program" | "library";

const UNPUBLISHED = ["bench", "examples", "tests", "tools"];

/**
 * The part that a file plays in the package; undefined for what isn't published, such as tests.
 *
 * @param filename The path of the file, absolute or relative to the root of the package.
 * @returns The place.
 */
export function placeOf(filename: string): Place | undefined {
  const path = filename.startsWith(ROOT) ? filename.slice(ROOT.length) : filename;
  const parts = path.split("/");
  const name = parts.at(-1)!;
  if (UNPUBLISHED.includes(parts[0]!)) return undefined;
  if (parts[0] === "loop" || parts[0] === "prefork") return parts[0];
  if (parts.includes("stores") || /(^|_)store(_|\.)/.test(name)) return "store";
  if (parts[0] === "program" || isProgramFile(path)) return "program";
  return "library";
}
