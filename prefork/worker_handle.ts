import type { WorkerIdentity } from "./worker_hooks.ts";

/** What a worker is doing. */
export type WorkerState =
  | "booting"
  | "ready"
  | "draining"
  | "retiring"
  | "stopping"
  | "exited";

/** A worker, as the supervisor's program sees it. */
export interface WorkerHandle extends WorkerIdentity {
  /** What it is doing. */
  readonly state: WorkerState;
  /**
   * Sends it bytes.
   *
   * @returns Whether they were taken: not when it is gone or more than 64 MiB wait for it.
   */
  send(bytes: Uint8Array): boolean;
  /**
   * Ends it at once, whatever it does; another one takes its place.
   *
   * @param reason Why, for the log.
   */
  kill(reason: string): void;
}
