const NO_FILE = /^$|^:memory:$|^https?:/;

/**
 * Opens a file of Deno KV. One that is made is its owner's alone, as what is kept there, such as
 * web sessions, is nobody else's business; one that is there stays as it is. The system's files
 * beside it (`-wal`, `-shm`) get the same permissions.
 *
 * @example Nobody else reads it
 * ```ts
 * import { openKvFile } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${await Deno.makeTempDir()}/values.db`;
 * using _kv = await openKvFile(path);
 * assertEquals((await Deno.stat(path)).mode! & 0o077, 0);
 * ```
 *
 * @param path Its path; `:memory:`, an URL and none are what Deno makes of them.
 * @returns The database.
 */
export async function openKvFile(path?: string): Promise<Deno.Kv> {
  if (path !== undefined && !NO_FILE.test(path)) await makePrivately(path);
  return await Deno.openKv(path);
}

async function makePrivately(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
