import { Socket } from "node:net";
import { LISTEN_FD } from "./_inherited_sockets.ts";
import type { OwnCommand } from "./_restart.ts";

/** Names the supervisor that a new one is to take over from. */
const PREDECESSOR = "SLUICE_PREDECESSOR";
/** Between the two there is a pipe at this descriptor of the new one. */
const PIPE_FD = 3;

/**
 * Starts another supervisor from the code on disk.
 *
 * @param command How this one was started.
 * @param listenFd The listening socket that it inherits, or -1.
 * @returns Why it failed, or `null` once it serves.
 */
export function startSuccessor(command: OwnCommand, listenFd: number): Promise<string | null> {
  const env: Record<string, string> = { [PREDECESSOR]: String(Deno.pid) };
  if (listenFd >= 0) env[LISTEN_FD] = String(listenFd);
  const child = command.spawn({ env, stdio: ["inherit", "inherit", "inherit", "pipe"] });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  child.on("error", (error) => resolve(error.message));
  child.on("exit", (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
  const pipe = child.stdio[PIPE_FD] as unknown as Socket | undefined;
  pipe?.once("data", () => resolve(null));
  return promise;
}

/** The supervisor that this one takes over from. */
export class Predecessor {
  /** Its process. */
  readonly pid: number;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  readonly #pipe: Socket;

  private constructor(pid: number) {
    this.pid = pid;
    const pipe = this.#pipe = new Socket({ fd: PIPE_FD });
    this.gone = new Promise((resolve) => {
      pipe.on("close", () => resolve());
      pipe.on("error", () => resolve());
      pipe.resume();
    });
  }

  /** The supervisor that started this one for that purpose; `null` when none did. */
  static find(): Predecessor | null {
    const pid = Deno.env.get(PREDECESSOR);
    if (pid === undefined) return null;
    Deno.env.delete(PREDECESSOR);
    return new Predecessor(Number(pid));
  }

  /** Tells it that this one serves, so that it goes. */
  dismiss(): void {
    this.#pipe.write("ready\n");
  }
}
