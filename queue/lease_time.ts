/** A reservation outlasts the job by this time, so that its worker can put an end to it. */
const LEASE_MARGIN_MS = 15_000;
const ENDLESS_LEASE_MS = 60_000;

/**
 * How long a job is reserved that may run for so long.
 *
 * @param timeoutMs The time of the job in milliseconds; 0 for no limit.
 * @returns The time of the reservation in milliseconds; a job without limit is touched in time.
 */
export function leaseMs(timeoutMs: number): number {
  return timeoutMs > 0 ? timeoutMs + LEASE_MARGIN_MS : ENDLESS_LEASE_MS;
}
