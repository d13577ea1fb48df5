/** How many jobs there are. */
export interface JobCounts {
  /** Jobs that wait to be reserved. */
  ready: number;
  /** Of the ready ones, those with a priority below 1024. */
  urgent: number;
  /** Jobs whose time has not come. */
  delayed: number;
  /** Jobs that workers have. */
  reserved: number;
  /** Dead letters. */
  buried: number;
}

/** What has happened since the store was opened. */
export interface JobTotals {
  /** Jobs stored. */
  pushed: number;
  /** Jobs not stored, as their key was taken. */
  duplicates: number;
  /** Jobs that workers have completed. */
  completed: number;
  /** Jobs deleted otherwise. */
  deleted: number;
  /** Jobs dropped as they had waited longer than their `ttlMs`. */
  expired: number;
  /** Reservations. */
  reserves: number;
  /** Reservations that ran out, or whose holder was lost. */
  timeouts: number;
  /** Jobs given back. */
  releases: number;
  /** Jobs buried. */
  buries: number;
  /** Jobs kicked. */
  kicks: number;
}

/** What one tube holds, and has counted since the store was opened. */
export interface TubeStats extends JobCounts {
  /** The tube. */
  tube: string;
  /** Calls that wait for a job of this tube. */
  waiting: number;
  /** Pauses asked for. */
  pauses: number;
  /** How long the last pause was to be in milliseconds; 0 when it is over. */
  pauseMs: number;
  /** What is left of it. */
  pauseLeftMs: number;
  /** What has happened. */
  totals: JobTotals;
}

/** What a store holds, and has counted since it was opened. */
export interface StoreStats extends JobCounts {
  /** Tubes that hold jobs, or are paused. */
  tubes: number;
  /** Calls that wait for a job. */
  waiting: number;
  /** Bytes pushed and not yet durable. */
  pendingBytes: number;
  /** Reservations that have run out or ended, yet were used again. */
  staleLeases: number;
  /** What has happened. */
  totals: JobTotals;
}
