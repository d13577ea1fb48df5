import type { Share } from "./share.ts";
import type { WorkerState } from "./worker_handle.ts";

/** One worker, in a {@linkcode SupervisorStatus}. */
export interface WorkerStatus {
  /** The number of the worker. */
  readonly id: number;
  /** Its process. */
  readonly pid: number;
  /** What it is doing. */
  readonly state: WorkerState;
  /** How long its process runs, in milliseconds. */
  readonly uptimeMs: number;
  /** Its resident memory in bytes, as it last said. */
  readonly rssBytes: number;
  /** How many requests it has served, as it last said. */
  readonly requests: number;
}

/** What a supervisor has counted since it started. */
export interface SupervisorCounts {
  /** Workers started. */
  spawned: number;
  /** Workers that ended although nobody wanted it. */
  crashed: number;
  /** Workers killed because they hung, or took too long to boot or to go. */
  killed: number;
  /** Boots that failed. */
  bootFailures: number;
  /** Rolling reloads that replaced all workers. */
  reloads: number;
  /** Rolling reloads that were given up. */
  failedReloads: number;
}

/** How a supervisor and its workers are doing. */
export interface SupervisorStatus {
  /** The process of the supervisor. */
  readonly pid: number;
  /** How long it runs, in milliseconds. */
  readonly uptimeMs: number;
  /** The interface that workers listen on. */
  readonly hostname: string;
  /** The port that workers share, or 0. */
  readonly port: number;
  /** How they share it. */
  readonly share: Share;
  /** Whether workers can go without losing a connection. */
  readonly zeroLoss: boolean;
  /** What can't be promised here, and why. */
  readonly notices: readonly string[];
  /** How many workers there should be. */
  readonly size: number;
  /** Processes that wait to take the place of a worker. */
  readonly spares: number;
  /** Whether a worker can't be kept alive. */
  readonly crashLooping: boolean;
  /** What was counted. */
  readonly counts: Readonly<SupervisorCounts>;
  /** All workers, those that have to go included. */
  readonly workers: readonly WorkerStatus[];
}
