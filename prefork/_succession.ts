import { Socket } from "node:net";
import { environmentFor } from "./_inherited_sockets.ts";
import type { OwnCommand } from "./_restart.ts";

/** Names the supervisor that a new one is to take over from, and the port of its workers. */
const PREDECESSOR = "SLUICE_PREDECESSOR";
/** Between the two there is a pipe at this descriptor of the new one. */
const PIPE_FD = 3;

/**
 * Starts another supervisor from the code on disk.
 *
 * @param command How this one was started.
 * @param from The port of the workers, and the listening socket that they inherit, or -1.
 * @returns Why it failed, or `null` once it serves.
 */
export function startSuccessor(
  command: OwnCommand,
  from: { port: number; listenFd: number },
): Promise<string | null> {
  const env = {
    [PREDECESSOR]: `${Deno.pid} ${from.port}`,
    ...(from.listenFd >= 0 && environmentFor(from.listenFd, from.port)),
  };
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
  /** The port of its workers, or 0. */
  readonly port: number;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  readonly #pipe: Socket;

  private constructor(pid: number, port: number) {
    this.pid = pid;
    this.port = port;
    const pipe = this.#pipe = new Socket({ fd: PIPE_FD });
    this.gone = new Promise((resolve) => {
      pipe.on("close", () => resolve());
      pipe.on("error", () => resolve());
      pipe.resume();
    });
  }

  /** The supervisor that started this one for that purpose; `null` when none did. */
  static find(): Predecessor | null {
    const [pid, port] = Deno.env.get(PREDECESSOR)?.split(" ") ?? [];
    if (pid === undefined) return null;
    Deno.env.delete(PREDECESSOR);
    return new Predecessor(Number(pid), Number(port));
  }

  /** Tells it that this one serves, so that it goes. */
  dismiss(): void {
    this.#pipe.write("ready\n");
  }
}
