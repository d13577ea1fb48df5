import type { FrameKind } from "./_frame.ts";

/** A process that is to be started. */
export interface ProcessCommand {
  /** The executable. */
  readonly file: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its working directory. */
  readonly cwd?: string;
}

/** How a process ended. */
export interface ProcessExit {
  /** The exit code, or `null` when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or `null`. */
  readonly signal: string | null;
}

/** What a started process tells. Nothing is told after {@linkcode ProcessEvents.onExit}. */
export interface ProcessEvents {
  /** A frame came over the channel; `payload` is valid only during the call. */
  onFrame(kind: FrameKind, payload: Uint8Array<ArrayBuffer>): void;
  /** The process broke the rules of the channel. */
  onFault(fault: string): void;
  /** The process printed a line. */
  onLine(stream: "stdout" | "stderr", line: string): void;
  /** The process has ended, and all it printed was told. */
  onExit(exit: ProcessExit): void;
}

/** A started process. */
export interface SpawnedProcess {
  /** Its number in the system. */
  readonly pid: number;
  /** Queues a frame for it; `false` when it takes none any more. */
  send(kind: FrameKind, payload: Uint8Array): boolean;
  /** Sends it a signal; nothing happens when it has ended. */
  kill(signal: Deno.Signal): void;
}

/** Starts processes; a test puts a fake one in its place. */
export interface ProcessSpawner {
  /**
   * Starts a process that has a channel at descriptor 3.
   *
   * @throws When the system can't start it.
   */
  spawn(command: ProcessCommand, events: ProcessEvents): SpawnedProcess;
}
