import { setImmediate } from "node:timers";

/** Lets everything else that is ready in the process run first. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
