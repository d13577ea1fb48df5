/** One version of a package, as a registry serves it. */
export interface RegistryPackage {
  /** The name, with its scope: `@scope/name`. */
  readonly name: string;
  readonly version: string;
  /** The path of a module by the name under which it is exported, both starting with `.`. */
  readonly exports: Readonly<Record<string, string>>;
  /** The content by the path, without a leading `/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The part of `deno.json` that a registry reads. */
interface PackageConfig {
  readonly name: string;
  readonly version: string;
  readonly exports: string | Record<string, string>;
}

/**
 * Makes a package of its files, of which `deno.json` is one.
 *
 * @param files The content by the path, without a leading `/`.
 * @returns The package.
 * @throws {TypeError} If there is no `deno.json`.
 */
export function packageOf(files: ReadonlyMap<string, Uint8Array>): RegistryPackage {
  const text = files.get("deno.json");
  if (text === undefined) throw new TypeError("Cannot make a package as it has no deno.json");
  const { name, version, exports }: PackageConfig = JSON.parse(new TextDecoder().decode(text));
  return {
    name,
    version,
    exports: typeof exports === "string" ? { ".": exports } : exports,
    files,
  };
}

/**
 * What the registry says of one version: `VERSION_meta.json`.
 *
 * @param entry The package.
 * @returns Its exports, and a checksum for each file.
 */
export async function versionMeta(entry: RegistryPackage): Promise<Record<string, unknown>> {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const [path, content] of entry.files) {
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(content));
    const checksum = `sha256-${new Uint8Array(digest).toHex()}`;
    manifest[`/${path}`] = { size: content.length, checksum };
  }
  return { exports: entry.exports, manifest };
}
