/**
 * Runs before the program of each worker, in the same process: opens the channel to the
 * supervisor, and serves the program when it exports a `fetch` function.
 *
 * @module
 */

import { dieWithParent } from "./linux/death_signal.ts";
import { setLinkOfProcess } from "./_process_link.ts";
import { startProgram } from "./_program.ts";
import { WorkerLink } from "./_worker_link.ts";

const link = await WorkerLink.open();
link.release();
dieWithParent(link.config.supervisorPid);
setLinkOfProcess(link);
(globalThis as unknown as { process: { title: string } }).process.title = link.config.title;
link.tell({ type: "hello" });
// The first time that the program has been run whole, its exports known.
addEventListener("load", () => void startProgram(link));
