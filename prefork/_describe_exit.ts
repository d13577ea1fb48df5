import type { ProcessExit } from "./process_spawner.ts";

/** Says how a process ended. */
export function describeExit(exit: ProcessExit): string {
  return exit.signal === null
    ? `it exited with code ${exit.code}`
    : `it was ended by ${exit.signal}`;
}
