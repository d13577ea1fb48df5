import type { EventLoop } from "../../loop/mod.ts";
import type { JobLineOptions } from "../../php/mod.ts";
import type { JobSink, JobStore } from "../job_store.ts";

/** What a line server asks of its store. */
export type LineStore = Pick<JobSink, "push"> & Pick<JobStore, "whenRoom">;

/** Options of `LineServer.listen`. */
export interface LineServerOptions {
  /** Takes the jobs. */
  store: LineStore;
  /**
   * The loop of the connections.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * The interface to listen on.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The port to listen on; 0 for any.
   *
   * @default {8001}
   */
  port?: number;
  /**
   * Addresses and ranges (CIDR) that may connect.
   *
   * @default {["127.0.0.0/8", "::1"]}
   */
  allow?: readonly string[];
  /**
   * Which classes of PHP are jobs, and under which names.
   *
   * @default {none, so that no line of PHP passes}
   */
  php?: JobLineOptions;
  /**
   * The longest line in bytes.
   *
   * @default {1_048_576}
   */
  maxLineBytes?: number;
  /**
   * Bytes of one connection that are read and not yet durable, beyond which it isn't read.
   *
   * @default {262_144}
   */
  maxPendingBytes?: number;
  /**
   * Bytes of all connections that are read and not yet durable, beyond which none is read.
   *
   * @default {67_108_864}
   */
  maxTotalPendingBytes?: number;
  /**
   * Most connections at a time; further ones wait to be accepted.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * How long a line may take to come, in milliseconds, beyond which its connection is ended: after
   * that time at the earliest, and one and a half times as long at the latest. Time in which the
   * server doesn't read doesn't count. 0 for never.
   *
   * @default {30_000}
   */
  lineTimeoutMs?: number;
  /**
   * How long a connection may be silent, in milliseconds, likewise. What a sender writes while its
   * connection is ended is lost, so that it must ask for acknowledgements. 0 for never.
   *
   * @default {0}
   */
  idleTimeoutMs?: number;
  /**
   * How many of the latest bad lines are kept to be looked at.
   *
   * @default {100}
   */
  maxDeadLines?: number;
  /**
   * How long a connection must be silent until bad lines are answered, in milliseconds. Who writes
   * and leaves at once is then not cut off by an answer that nobody reads.
   *
   * @default {20}
   */
  answerDelayMs?: number;
  /**
   * How long to wait after the store has failed until jobs are pushed again, in milliseconds.
   *
   * @default {1000}
   */
  retryMs?: number;
  /**
   * How long a server that stops tries to store what it has read, in milliseconds.
   *
   * @default {5000}
   */
  graceMs?: number;
  /**
   * Told of what fails, and is tried again, and of jobs that were handed back.
   *
   * @default {the onError of the loop}
   */
  onError?: (error: unknown) => void;
}

/** What a line server has counted. */
export interface LineServerStats {
  /** Connections open now. */
  connections: number;
  /** Connections refused, as their address is not allowed. */
  refused: number;
  /** Jobs made durable. */
  jobs: number;
  /** Lines that were no jobs. */
  badLines: number;
  /** Connections ended, as a line took too long or none came. */
  timedOut: number;
  /** Jobs that could not be stored, which their senders were told. */
  handedBack: number;
  /** Times that the store was full. */
  fullWaits: number;
  /** Times that the store has failed. */
  failures: number;
}
