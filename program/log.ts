/** How log lines look. */
export type LogFormat = "text" | "json";

/** How much an event matters. */
export type LogLevel = "info" | "warning" | "error";

/** What goes along with an event. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Options of {@linkcode Log}. */
export interface LogOptions {
  /** How lines look. */
  format: LogFormat;
  /** Takes a line, without its end. */
  write: (line: string) => void;
  /** The time in milliseconds since the Unix epoch. */
  wallMs: () => number;
}

/**
 * Writes one line an event.
 *
 * @example Text and JSON
 * ```ts ignore
 * log.info("listening on [::]:1415", { port: 1415 });
 * // text: listening on [::]:1415
 * // json: {"time":"2026-01-01T00:00:00.000Z","level":"info","message":"listening …","port":1415}
 * ```
 */
export class Log {
  readonly #options: LogOptions;

  /**
   * Makes a log.
   *
   * @param options See {@linkcode LogOptions}.
   */
  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** Something went as it should. */
  info(message: string, fields?: LogFields): void {
    this.#line("info", message, fields);
  }

  /** Something needs attention, but goes on. */
  warning(message: string, fields?: LogFields): void {
    this.#line("warning", message, fields);
  }

  /** Something failed. */
  error(message: string, fields?: LogFields): void {
    this.#line("error", message, fields);
  }

  #line(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { format, write, wallMs } = this.#options;
    if (format === "json") {
      const time = new Date(wallMs()).toISOString();
      write(JSON.stringify({ time, level, message, ...fields }));
    } else write(`${level === "info" ? "" : `${level}: `}${message.replaceAll("\n", " ")}`);
  }
}
