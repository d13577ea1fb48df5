import type { JobOutcome } from "../stored_job.ts";
import type { JobRecord } from "./job_record.ts";

/** What a store does for its `ReserveDesk`. */
export interface Shelf {
  /** The ready job of a tube that is next, taken out of memory's ready ones. */
  popReady(tube: string): JobRecord | undefined;
  /** Which job {@linkcode popReady} would take. */
  peekReady(tube: string): { readonly priority: number; readonly id: number } | undefined;
  /** When some ready jobs of the tubes are being read into memory: resolves once they are. */
  loading(tubes: readonly string[]): Promise<unknown> | null;
  /** Puts a job back that was popped, where it was before. */
  putBack(record: JobRecord): void;
  /** Reads what of popped jobs is not in memory. */
  read(records: readonly JobRecord[]): Promise<void> | null;
  /** Makes durable that jobs were given out; resolves then only if it is asked to. */
  start(records: readonly JobRecord[], isAwaited: boolean): Promise<void> | null;
  /** Ends a popped job for good. Calls `applied` at the very moment at which that takes effect. */
  end(record: JobRecord, outcome: JobOutcome, applied: () => void): Promise<void>;
  /** Ends a popped job that nobody waits for. */
  discard(record: JobRecord): void;
  /** Lets `next` take the place of a popped job, in the state of `next`, likewise. */
  move(record: JobRecord, next: JobRecord, applied: () => void): Promise<void>;
}
