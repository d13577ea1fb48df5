import { createServer } from "node:net";
import { claimPort } from "./_claim_port.ts";
import { environmentFor } from "./_inherited_sockets.ts";
import type { OwnCommand } from "./_restart.ts";
import { sendSignal } from "./_send_signal.ts";
import { SIGNALS } from "./signals.ts";

/** Where the new process finds the socket: below is the channel of its workers. */
const STAGED_FD = 4;

/** No socket can be handed down to a new process. */
export class SocketStageError extends Error {
  /** @param message What could not be done and why. */
  constructor(message: string) {
    super(message);
    this.name = "SocketStageError";
  }
}

/**
 * Runs this program again in a process that has a listening socket which its workers inherit.
 * Only FFI could keep the socket open beyond the start of another program; without it, starting
 * one is the way to do that. This process then just passes signals on.
 *
 * @param command How to start the program.
 * @param from A socket that this process has inherited itself, or where to listen.
 * @returns The exit code of the program.
 * @throws {ListenError} When the port can't be had.
 * @throws {SocketStageError} When Deno doesn't tell the descriptor of a socket.
 */
export async function runWithSocket(
  command: OwnCommand,
  from: { fd: number; port?: number } | { hostname: string; port: number },
): Promise<number> {
  const socket = "fd" in from ? { ...from, close: () => {} } : await listen(from);
  const child = command.spawn({
    env: environmentFor(STAGED_FD, socket.port),
    stdio: ["inherit", "inherit", "inherit", "ignore", socket.fd],
  });
  socket.close();
  const passed = Object.keys(SIGNALS).map((name) => {
    const signal = name as Deno.Signal;
    const listener = (): void => void sendSignal(child.pid!, signal);
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

async function listen(
  at: { hostname: string; port: number },
): Promise<{ fd: number; port: number; close: () => void }> {
  const { hostname: host } = at;
  const port = claimPort(at);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 511 }, resolve);
  });
  const { _handle: handle } = server as unknown as { _handle: { fdForIpc?: () => number } };
  const fd = handle.fdForIpc?.() ?? -1;
  if (fd >= 0) return { fd, port, close: () => void server.close() };
  server.close();
  throw new SocketStageError(
    "Cannot hand down a listening socket as this version of Deno doesn't tell its descriptor: " +
      "permit FFI, or have systemd open the socket",
  );
}
