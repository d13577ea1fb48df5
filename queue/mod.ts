/**
 * Durable jobs with nothing to install: a job queue in the process, and the
 * stores, workers and scheduler that it is made of.
 *
 * @module
 */
export type {
  BuryOptions,
  CompleteOptions,
  JobObserver,
  JobSink,
  JobSource,
  JobStore,
  ListOptions,
  PushReceipt,
  ReleaseOptions,
  ReserveOptions,
  WaitOptions,
} from "./job_store.ts";
export { JobTooBigError } from "./job_too_big_error.ts";
export { QueueFullError } from "./queue_full_error.ts";
export { StoreBusyError } from "./store_busy_error.ts";
export { StoreError, type StoreErrorCode } from "./store_error.ts";
export type { JobCounts, JobTotals, StoreStats, TubeStats } from "./store_stats.ts";
export {
  DEFAULT_PRIORITY,
  DEFAULT_TUBE,
  type JobOutcome,
  type JobState,
  MAX_PRIORITY,
  type NewJob,
  type ReservedJob,
  type StoredJob,
} from "./stored_job.ts";
export type { KvAtomic, KvDatabase, KvEntry, KvKey } from "./stores/kv/kv_database.ts";
export { KvJobInbox, type KvJobInboxOptions } from "./stores/kv_job_inbox.ts";
export { KvJobStore, type KvJobStoreOptions } from "./stores/kv_job_store.ts";
export { MemoryJobStore, type MemoryJobStoreOptions } from "./stores/memory_job_store.ts";
