import { LISTEN_FD } from "./_inherited_sockets.ts";
import { claimPort } from "./_claim_port.ts";
import { socketsOf } from "./linux/process_sockets.ts";
import type { OwnCommand } from "./_restart.ts";
import { SIGNALS } from "./signals.ts";

/** Where the new process finds the socket: below is the channel of its workers. */
const STAGED_FD = 4;

/**
 * Runs this program again in a process that has a listening socket which its workers inherit.
 * Only FFI could keep the socket open beyond the start of another program; without it, starting
 * one is the way to do that. This process then just passes signals on.
 *
 * @param command How to start the program.
 * @param from A socket that this process has inherited itself, or where to listen.
 * @returns The exit code of the program.
 * @throws {PortTakenError} When somebody listens on the port.
 */
export async function runWithSocket(
  command: OwnCommand,
  from: { fd: number } | { hostname: string; port: number },
): Promise<number> {
  const { fd, close } = "fd" in from ? { fd: from.fd, close: () => {} } : listen(from);
  const child = command.spawn({
    env: { [LISTEN_FD]: String(STAGED_FD) },
    stdio: ["inherit", "inherit", "inherit", "ignore", fd],
  });
  close();
  const passed = Object.keys(SIGNALS).map((name) => {
    const signal = name as Deno.Signal;
    const listener = (): void => void child.kill(signal as NodeJS.Signals);
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  const code = await new Promise<number>((resolve) => {
    child.on("exit", (code) => resolve(code ?? 1));
    child.on("error", () => resolve(1));
  });
  for (const { signal, listener } of passed) Deno.removeSignalListener(signal, listener);
  return code;
}

function listen(at: { hostname: string; port: number }): { fd: number; close: () => void } {
  const port = claimPort(at);
  const before = socketsOf(Deno.pid);
  const listener = Deno.listen({ ...at, port });
  const [, fd] = [...socketsOf(Deno.pid)].find(([inode]) => !before.has(inode))!;
  return { fd, close: () => listener.close() };
}
