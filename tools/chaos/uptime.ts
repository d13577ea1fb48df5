/**
 * Milliseconds since the machine started. No library can pretend another time to those who read
 * this file, so that programs whose clocks are made to jump still agree on it.
 */
export function uptimeMs(): number {
  return Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000;
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds; whether it did within so many milliseconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  patienceMs: number,
): Promise<boolean> {
  for (const end = uptimeMs() + patienceMs; !await holds();) {
    if (uptimeMs() > end) return false;
    await sleep(100);
  }
  return true;
}
