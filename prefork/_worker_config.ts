import type { Share } from "./share.ts";

/** What kind of program a worker runs. */
export type ProgramKind = "auto" | "fetch" | "script";

/** What the supervisor tells a worker first. */
export interface WorkerConfig {
  /** The number of the worker's place, from 1. */
  id: number;
  /** The process of the supervisor. */
  supervisorPid: number;
  /** What the program is taken for. */
  kind: ProgramKind;
  /** The title of the process. */
  title: string;
  /** How the port is shared. */
  share: Share;
  /** The interface to listen on. */
  hostname: string;
  /** The port to listen on, or 0 when there is none. */
  port: number;
  /** The descriptor of the inherited listening socket, or -1. */
  listenFd: number;
  /** Requests after which the worker is spent, or 0. */
  maxRequests: number;
}
