import { EventLoop } from "../loop/mod.ts";

/** How long after the signal the debugger is waited for, and how often it is looked at. */
const WATCH_MS = 2000;
const CHECK_MS = 5;

/** What of Deno's debugger is needed here. */
export interface Debugger {
  /** Where it listens, if it does. */
  url(): string | undefined;
  /** Has it listen no longer. */
  close(): void;
}

/**
 * Has Deno's debugger stay closed, until disposed. Deno opens it when SIGUSR1 comes, whatever the
 * program takes that signal for, on a port of the loopback interface that is open to everybody on
 * the machine, and who reaches it may do all that the program may. It is closed again at once;
 * that takes `--allow-sys=inspector`. A program that was started with `--inspect` keeps it.
 */
export function keepDebuggerClosed(): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]() {} };
  const onSignal = (): void => void closeOnceOpen();
  Deno.addSignalListener("SIGUSR1", onSignal);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGUSR1", onSignal) };
}

async function closeOnceOpen(): Promise<void> {
  // Deno's own types don't know of this one.
  const wanted = { name: "sys", kind: "inspector" } as unknown as Deno.SysPermissionDescriptor;
  if (Deno.permissions.querySync(wanted).state !== "granted") return;
  // Only now: Node's modules would take their time at each start.
  const { execArgv } = await import("node:process");
  if (execArgv.some((flag) => flag.startsWith("--inspect"))) return;
  const { default: inspector } = await import("node:inspector");
  await using loop = new EventLoop({ poller: "portable" });
  await closeWithin(inspector, loop);
}

/**
 * Closes the debugger as soon as it is open, and gives up when it isn't.
 *
 * @returns Whether it was open.
 */
export async function closeWithin(inspector: Debugger, loop: EventLoop): Promise<boolean> {
  for (let passedMs = 0; passedMs < WATCH_MS; passedMs += CHECK_MS) {
    if (inspector.url() !== undefined) {
      inspector.close();
      return true;
    }
    await loop.sleep(CHECK_MS);
  }
  return false;
}
