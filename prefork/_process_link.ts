import type { WorkerLink } from "./_worker_link.ts";

/**
 * Where the link of this process is kept. A program may import another version of this package
 * than its supervisor runs, or the same one under another URL, but there is one channel to the
 * supervisor: so what reads it can't be a variable of a module.
 */
const PLACE = Symbol.for("@sluice/sluice/prefork/link/1");

type Holder = { [PLACE]?: WorkerLink };

/** The link of this process to its supervisor; `null` when it has none. */
export function linkOfProcess(): WorkerLink | null {
  return (globalThis as Holder)[PLACE] ?? null;
}

/** Sets the link of this process, once. */
export function setLinkOfProcess(link: WorkerLink): void {
  (globalThis as Holder)[PLACE] = link;
}
