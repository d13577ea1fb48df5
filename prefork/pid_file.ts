import { kill } from "node:process";
import { mayRead } from "./_may_read.ts";

/** A pid file belongs to a supervisor that runs, or can't be used. */
export class PidFileError extends Error {
  /** The file. */
  readonly path: string;

  /**
   * Makes the error.
   *
   * @param path The file.
   * @param reason Why it can't be used.
   */
  constructor(path: string, reason: string, cause?: unknown) {
    super(`Cannot use pid file ${path} as ${reason}`, { cause });
    this.name = "PidFileError";
    this.path = path;
  }
}

/** What the titles of supervisors begin with. */
export const MASTER_TITLE = "sluice: master";

/** A file that tells the number of the supervisor's process. */
export class PidFile implements Disposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes the number of this process.
   *
   * @param path The file. One that a supervisor left behind is replaced.
   * @param options The process that may hold the file, as this one takes over from it.
   * @throws {PidFileError} When another supervisor holds the file, or it can't be written.
   */
  static claim(path: string, options: { predecessor?: number } = {}): PidFile {
    const holder = readPid(path);
    if (holder !== null && holder !== options.predecessor && isSupervisor(holder)) {
      throw new PidFileError(path, `process ${holder} holds it`);
    }
    const draft = `${path}.${Deno.pid}`;
    try {
      // A new file that is moved into place follows no link that somebody put there.
      Deno.writeTextFileSync(draft, `${Deno.pid}\n`, { createNew: true, mode: 0o644 });
      Deno.renameSync(draft, path);
    } catch (error) {
      throw new PidFileError(path, "it can't be written", error);
    }
    return new PidFile(path);
  }

  /** Removes the file, unless a successor has written its own number. */
  [Symbol.dispose](): void {
    if (readPid(this.#path) === Deno.pid) Deno.removeSync(this.#path);
  }
}

/**
 * Reads the number of the supervisor that holds a pid file.
 *
 * @throws {PidFileError} When there is none.
 */
export function readHolder(path: string): number {
  const pid = readPid(path);
  if (pid === null) throw new PidFileError(path, "there is no such file");
  if (!isSupervisor(pid)) throw new PidFileError(path, `no supervisor runs as process ${pid}`);
  return pid;
}

function readPid(path: string): number | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new PidFileError(path, "it can't be read", error);
  }
  const pid = Number(text.trim());
  if (Number.isInteger(pid) && pid > 0) return pid;
  throw new PidFileError(path, "it holds no number of a process");
}

/** The number may have been given to another process since. */
function isSupervisor(pid: number): boolean {
  const path = `/proc/${pid}/cmdline`;
  if (!mayRead(path)) return isRunning(pid);
  try {
    return Deno.readTextFileSync(path).startsWith(MASTER_TITLE);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && Deno.build.os === "linux") return false;
    // Not a Linux, or it may not be read: any process that runs is taken for one.
    return isRunning(pid);
  }
}

function isRunning(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
