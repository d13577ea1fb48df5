import type { BootFailure } from "./boot_error.ts";
import { describeExit } from "./_describe_exit.ts";
import type { ProcessExit } from "./process_spawner.ts";
import type { SupervisedWorker } from "./_supervised_worker.ts";

/** Says why a worker has ended before it had booted. */
export function bootFailure(worker: SupervisedWorker, exit: ProcessExit): BootFailure {
  return { worker: worker.id, output: [...worker.output.lines], ...causeOf(worker, exit) };
}

function causeOf(
  worker: SupervisedWorker,
  exit: ProcessExit,
): { reason: string; definite: boolean } {
  if (worker.killReason !== null) return { reason: worker.killReason, definite: false };
  if (worker.failure !== null) return { reason: worker.failure, definite: true };
  const error = worker.output.error;
  // What a program throws may pass; that it can't be loaded at all won't.
  if (error !== null) return { reason: error, definite: !error.startsWith("Uncaught") };
  if (exit.code === 0) {
    const reason =
      "it ended by itself: it has no export default { fetch } and left nothing running";
    return { reason, definite: true };
  }
  return { reason: describeExit(exit), definite: false };
}
