/** How log lines look. */
export type LogFormat = "text" | "json";

/** How much an event matters, from little to much. */
export const LOG_LEVELS = ["info", "warning", "error"] as const;

/** How much an event matters. */
export type LogLevel = typeof LOG_LEVELS[number];

/** What goes along with an event. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Options of {@linkcode Log}. */
export interface LogOptions {
  /** How lines look. */
  format: LogFormat;
  /**
   * What matters less is left out.
   *
   * @default {"info"}
   */
  level?: LogLevel;
  /** Takes a line, without its end. */
  write: (line: string) => void;
  /** The time in milliseconds since the Unix epoch. */
  wallMs: () => number;
}

/** User and password of a URL, however it is misspelled. */
const CREDENTIALS = /([a-z][a-z0-9+.-]*:?\/{1,2})[^\s/@]*:[^\s@]*@/gi;
// deno-lint-ignore no-control-regex -- these are what it is about
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

/**
 * Writes one line an event. Passwords in URLs are left out, and what could
 * move the cursor of a terminal is written as an escape.
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
    const { format, level: least = "info", write, wallMs } = this.#options;
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const shown = withoutCredentials(message);
    if (format === "json") {
      const time = new Date(wallMs()).toISOString();
      write(JSON.stringify({ time, level, message: shown, ...fields }));
    } else write(`${level === "info" ? "" : `${level}: `}${withoutControls(shown)}`);
  }
}

function withoutCredentials(text: string): string {
  return text.includes("@") ? text.replace(CREDENTIALS, "$1***@") : text;
}

function withoutControls(text: string): string {
  return text.replace(CONTROLS, (control) => {
    if (control === "\n" || control === "\t") return " ";
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
