import type { EventLoop } from "../loop/mod.ts";

/** How often the line is written anew. */
const EVERY_MS = 200;
const CLEAR = "\r\x1b[2K";

/** What a {@linkcode Progress} is shown on. */
export interface Screen {
  /** Whether somebody looks: a terminal, and not a file or another program. */
  readonly isTerminal: boolean;
  /** How many characters fit in a line. */
  columns(): number;
  /** Writes text as it is. */
  write(text: string): void;
}

/** The last line of a terminal, which tells how far something is that takes long. */
export class Progress {
  readonly #screen: Screen;
  #shown = "";

  /**
   * Makes one; nothing is shown.
   *
   * @param screen Where it is shown.
   */
  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /**
   * Shows what `tell` says, five times a second, until what is returned is disposed; nothing where
   * nobody looks.
   */
  follow(loop: EventLoop, tell: () => string): Disposable {
    if (!this.#screen.isTerminal) return { [Symbol.dispose]: () => undefined };
    this.#show(tell());
    const timer = loop.every(EVERY_MS, () => this.#show(tell()));
    return {
      [Symbol.dispose]: () => {
        timer.cancel();
        this.#show("");
      },
    };
  }

  /** Writes something else, and the line below it. */
  around(write: () => void): void {
    if (this.#shown !== "") this.#screen.write(CLEAR);
    write();
    if (this.#shown !== "") this.#screen.write(this.#shown);
  }

  #show(text: string): void {
    if (text === "" && this.#shown === "") return;
    // A line that wraps could not be taken back.
    this.#shown = text.slice(0, Math.max(0, this.#screen.columns() - 1));
    this.#screen.write(CLEAR + this.#shown);
  }
}

/** Standard error as a screen. */
export function standardError(): Screen {
  const encoder = new TextEncoder();
  return {
    isTerminal: Deno.stderr.isTerminal(),
    columns: () => Deno.consoleSize().columns,
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
  };
}
