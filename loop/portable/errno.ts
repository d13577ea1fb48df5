/**
 * The name of the system's error number behind an error of the platform, such
 * as `ECONNRESET`. A name that has no address gives `ENOTFOUND`, a lack of
 * permission `EACCES`.
 */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotCapable) return "EACCES";
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string") return code;
  // Only looking up a name fails with an error of no class of its own.
  return Object.getPrototypeOf(error) === Error.prototype ? "ENOTFOUND" : undefined;
}
