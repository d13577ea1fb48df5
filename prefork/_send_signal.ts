/**
 * Sends a signal to a process. Node's way of doing it takes every signal for the end: it sends no
 * second one, and then tells that the process was ended by the first.
 *
 * @returns Whether there was such a process.
 */
export function sendSignal(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
