import { Libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9n;

/**
 * Has the kernel kill this process when its parent dies, even if it hangs. Nothing happens where
 * FFI is not permitted.
 *
 * @param parentPid The parent; one that has died already is noticed too.
 */
export function dieWithParent(parentPid: number): void {
  using libc = Libc.open();
  if (libc === null) return;
  libc.symbols.prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n);
  if (Deno.ppid !== parentPid) Deno.exit(1);
}
