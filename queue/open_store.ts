import type { EventLoop } from "../loop/mod.ts";
import { isRedisUrl, type RedisConnectionOptions } from "../redis/mod.ts";
import type { JobStore } from "./job_store.ts";
import { KvJobStore } from "./stores/kv_job_store.ts";
import { MemoryJobStore } from "./stores/memory_job_store.ts";
import { RedisJobStore } from "./stores/redis_job_store.ts";

/** How long a program that starts waits for its Redis. */
const PATIENCE_MS = 30_000;

/** How `--store` names stores. */
export const STORES = "kv:PATH|memory:|redis://…";

/** Options of {@linkcode openStore}. */
export interface OpenStoreOptions extends Pick<RedisConnectionOptions, "onTrouble" | "onRecovery"> {
  /** The loop that the store lives by. */
  loop: EventLoop;
  /** Most jobs that it keeps. */
  maxJobs?: number;
}

/**
 * Opens the store that a text names.
 *
 * @param text One of {@linkcode STORES}.
 * @param options See {@linkcode OpenStoreOptions}.
 * @returns The store; `null` when the text names none.
 */
export async function openStore(
  text: string,
  options: OpenStoreOptions,
): Promise<JobStore | null> {
  if (text === "memory:") return new MemoryJobStore(options);
  if (text.startsWith("kv:") && text.length > 3) {
    return await KvJobStore.open({ ...options, path: text.slice(3) });
  }
  if (isRedisUrl(text)) {
    return await RedisJobStore.open(text, { ...options, patienceMs: PATIENCE_MS });
  }
  return null;
}
