import { Libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9n;

/**
 * Has the kernel kill this process when its parent dies, even if it hangs. Nothing happens where
 * FFI is not permitted. A parent that has died already is not noticed.
 */
export function dieWithParent(): void {
  using libc = Libc.open();
  libc?.symbols.prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n);
}
