/**
 * Durable jobs with nothing to install: a job queue in the process, and the
 * stores, workers and scheduler that it is made of.
 *
 * @module
 */
export { type Backoff, backoffMs } from "./backoff.ts";
export {
  BeanstalkServer,
  type BeanstalkServerOptions,
  type BeanstalkServerStats,
} from "./beanstalk/beanstalk_server.ts";
export { BeanstalkSource, type BeanstalkSourceOptions } from "./beanstalk/beanstalk_source.ts";
export type { ServerIdentity } from "./beanstalk/server_state.ts";
export { type FetchHandler, queueHandler, type QueueHandlerOptions } from "./http/http_handler.ts";
export { inboxHandler, type InboxHandlerOptions } from "./http/inbox_handler.ts";
export { Job } from "./job.ts";
export { encodeJobBody, type JobBody, JobBodyDecoder, type JobBodyResult } from "./job_body.ts";
export type { JobEvent } from "./job_event.ts";
export type { JobContext } from "./job_context.ts";
export { JobDataError } from "./job_data_error.ts";
export type {
  ClassData,
  FunctionData,
  JobClass,
  JobDefinition,
  JobEntries,
  JobEntry,
  JobFunction,
  JobInput,
  JobResult,
  PushArguments,
} from "./job_definition.ts";
export { type JobExecutor, LocalExecutor } from "./job_executor.ts";
export { JobExhaustedError } from "./job_exhausted_error.ts";
export { JobFailedError } from "./job_failed_error.ts";
export { JobHandle, type JobHandleSource } from "./job_handle.ts";
export type { JobRunOptions, PushOptions } from "./job_options.ts";
export {
  JobQueue,
  type JobQueueEvents,
  type JobQueueOptions,
  type OpenQueueOptions,
  type PopOptions,
} from "./job_queue.ts";
export {
  defineJob,
  defineJobs,
  isJobClass,
  JobRegistry,
  type RegisteredJob,
} from "./job_registry.ts";
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
  SinkOptions,
  WaitOptions,
} from "./job_store.ts";
export type { DeadLine } from "./line/dead_line_log.ts";
export { JobsHandedBackError } from "./line/jobs_handed_back_error.ts";
export { LineServer } from "./line/line_server.ts";
export type { LineServerOptions, LineServerStats, LineStore } from "./line/line_server_options.ts";
export { JobTooBigError } from "./job_too_big_error.ts";
export { JobWorker, type JobWorkerOptions } from "./job_worker.ts";
export { MessageError, type MessageErrorCode } from "./messaging/message_error.ts";
export { MessageSocket } from "./messaging/message_socket.ts";
export type {
  BindOptions,
  MessagePlace,
  MessageSocketOptions,
  MessageSocketStats,
} from "./messaging/message_socket_options.ts";
export { Puller, type PullerOptions } from "./messaging/puller.ts";
export { Pusher } from "./messaging/pusher.ts";
export { Replier, type RequestContext, type RequestHandler } from "./messaging/replier.ts";
export { Requester, type RequesterOptions, type RequestOptions } from "./messaging/requester.ts";
export { QueueDrainingError } from "./queue_draining_error.ts";
export { QueueFullError } from "./queue_full_error.ts";
export {
  type CronOptions,
  type Schedule,
  type ScheduleOptions,
  Scheduler,
  type SchedulerOptions,
} from "./scheduler.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard_schema.ts";
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
export { TakenJob } from "./taken_job.ts";
export { UnknownJobError } from "./unknown_job_error.ts";
export type { JobWorkerEvents, JobWorkerStats, WorkedJob } from "./worker_events.ts";
export { RedisJobStore, type RedisJobStoreOptions } from "./stores/redis_job_store.ts";
