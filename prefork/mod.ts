/**
 * Keeps processes at work that share a port: restarts what dies or hangs, and replaces them with
 * new code without losing a connection.
 *
 * @module
 */
export { BootError, type BootFailure } from "./boot_error.ts";
export { type Bus, type BusHandler, BusMessage } from "./bus.ts";
export type { FetchHandler } from "./fetch_handler.ts";
export type { FrameKind } from "./_frame.ts";
export type { LogEntry, LogLevel } from "./log_entry.ts";
export type {
  ProcessCommand,
  ProcessEvents,
  ProcessExit,
  ProcessSpawner,
  SpawnedProcess,
} from "./process_spawner.ts";
export type { Share } from "./share.ts";
export { Supervisor } from "./supervisor.ts";
export type {
  DrainOptions,
  LimitOptions,
  ListenSettings,
  ProgramOptions,
  SupervisorOptions,
} from "./supervisor_options.ts";
export type { SupervisorCounts, SupervisorStatus, WorkerStatus } from "./supervisor_status.ts";
export type { ProgramKind } from "./_worker_config.ts";
export type { RetireCallback } from "./_worker_link.ts";
export { worker, WorkerContext, type WorkerOptions } from "./worker.ts";
export type { WorkerHandle, WorkerState } from "./worker_handle.ts";
export type { WorkerEnd, WorkerHooks, WorkerIdentity } from "./worker_hooks.ts";
export { PermissionError, PermissionFlagError } from "./_worker_permissions.ts";
export type { ReloadResult } from "./_worker_pool.ts";
