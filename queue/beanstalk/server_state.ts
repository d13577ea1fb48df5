import type { EventLoop } from "../../loop/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { Command } from "./command.ts";
import { TubeBook } from "./tube_book.ts";

/** What a beanstalk server tells about its process. */
export interface ServerIdentity {
  /** The number of the process. */
  readonly pid: number;
  /** The name of the machine. */
  readonly hostname: string;
  /** Its system. */
  readonly os: string;
  /** Its architecture. */
  readonly platform: string;
}

/** What the connections of a beanstalk server share. */
export class ServerState {
  readonly loop: EventLoop;
  readonly store: JobStore;
  readonly tubes: TubeBook;
  readonly identity: ServerIdentity;
  readonly maxJobBytes: number;
  readonly maxReservedJobs: number;
  readonly onError: (error: unknown) => void;
  /** A random name of this server. */
  readonly id: string;
  readonly startedAt: number;
  /** How often each command was given. */
  readonly counts = new Map<Command["op"], number>();
  draining = false;
  connections = 0;
  totalConnections = 0;
  producers = 0;
  workers = 0;
  waiting = 0;
  refused = 0;
  overLimit = 0;

  /**
   * @param parts The store and the settings of the server.
   */
  constructor(
    parts: Pick<
      ServerState,
      "loop" | "store" | "identity" | "maxJobBytes" | "maxReservedJobs" | "onError"
    >,
  ) {
    this.loop = parts.loop;
    this.store = parts.store;
    this.identity = parts.identity;
    this.maxJobBytes = parts.maxJobBytes;
    this.maxReservedJobs = parts.maxReservedJobs;
    this.onError = parts.onError;
    this.tubes = new TubeBook((tube) => parts.store.tubeStats(tube) !== null);
    this.startedAt = parts.loop.now();
    const half = (): string => Math.floor(parts.loop.random.next() * 2 ** 32).toString(16);
    this.id = half().padStart(8, "0") + half().padStart(8, "0");
  }

  /** The names of all tubes. */
  tubeNames(): string[] {
    return [...new Set([...this.tubes.names(), ...this.store.tubes()])];
  }

  /** Whether there is a tube of this name. */
  hasTube(tube: string): boolean {
    return this.tubes.find(tube) !== undefined || this.store.tubeStats(tube) !== null;
  }
}
