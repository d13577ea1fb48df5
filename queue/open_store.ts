import type { EventLoop } from "../loop/mod.ts";
import type { JobStore } from "./job_store.ts";
import { KvJobStore } from "./stores/kv_job_store.ts";
import { MemoryJobStore } from "./stores/memory_job_store.ts";

/** How `--store` names stores. */
export const STORES = "kv:PATH|memory:";

/**
 * Opens the store that a text names.
 *
 * @param text One of {@linkcode STORES}.
 * @param options The loop that the store lives by, and the most jobs that it keeps.
 * @returns The store; `null` when the text names none.
 */
export async function openStore(
  text: string,
  options: { loop: EventLoop; maxJobs?: number },
): Promise<JobStore | null> {
  if (text === "memory:") return new MemoryJobStore(options);
  if (text.startsWith("kv:") && text.length > 3) {
    return await KvJobStore.open({ ...options, path: text.slice(3) });
  }
  return null;
}
