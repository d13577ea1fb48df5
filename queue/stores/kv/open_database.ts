import { openKvFile } from "../../../loop/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { KvDatabase } from "./kv_database.ts";

/**
 * Opens the database of a store.
 *
 * @param path Its file; Deno's own database when there is none.
 * @throws {StoreError} When it can't be opened. What lacks a permission is left to be told by Deno.
 */
export async function openDatabase(path: string | undefined): Promise<KvDatabase> {
  try {
    return await openKvFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable || !(cause instanceof Error)) throw cause;
    const what = path === undefined ? "job store" : `job store ${path}`;
    throw new StoreError(`Cannot open ${what}: ${cause.message}`, { code: "failed", cause });
  }
}
