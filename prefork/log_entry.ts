/** How much an entry matters. */
export type LogLevel = "info" | "warning" | "error";

/** Something worth a line in a log. */
export interface LogEntry {
  /** How much it matters. */
  readonly level: LogLevel;
  /** What happened, in one line. */
  readonly message: string;
  /** The number of the worker it is about. */
  readonly worker?: number;
  /** The process it is about. */
  readonly pid?: number;
  /** What a worker printed last, when it is about its end. */
  readonly output?: readonly string[];
}
