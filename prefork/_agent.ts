/**
 * Runs before the program of each worker, in the same process: opens the channel to the
 * supervisor, and serves the program when it exports a `fetch` function.
 *
 * @module
 */

import { dieWithParent } from "./linux/death_signal.ts";
import { setLinkOfProcess } from "./_process_link.ts";
import { startProgram } from "./_program.ts";
import { ORPHAN_EXIT_CODE, WorkerLink } from "./_worker_link.ts";

// A spare waits below, so what can be done before is.
dieWithParent();
const link = await WorkerLink.open();
link.release();
if (Deno.ppid !== link.config.supervisorPid) Deno.exit(ORPHAN_EXIT_CODE);
setLinkOfProcess(link);
takeNumber(link.config.id);
(globalThis as unknown as { process: { title: string } }).process.title = link.config.title;
link.tell({ type: "hello" });
// The first time that the program has been run whole, its exports known.
addEventListener("load", () => void startProgram(link));

/** A process that was started ahead may have become another worker than it was meant to be. */
function takeNumber(id: number): void {
  const variable = "WORKER_ID";
  // What the program may not read needs not be right.
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return;
  Deno.env.set(variable, String(id));
}
