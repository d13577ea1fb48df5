const LEAST_WIDTH_MS = 1000;
const FACTOR = 16;
/** A bucket is at most this part of the time that is left. */
const PORTION = 4;

/**
 * The bucket of time that a delayed job is stored in: wide ones far ahead,
 * narrow ones soon, so that jobs of one segment become due not too far apart.
 *
 * @param readyAt When the job is due, on the store's clock.
 * @param storeMs What that clock shows now.
 * @returns A name of the bucket.
 */
export function bucketOf(readyAt: number, storeMs: number): string {
  const leftMs = readyAt - storeMs;
  let width = LEAST_WIDTH_MS;
  while (width * FACTOR * PORTION <= leftMs) width *= FACTOR;
  return `${width}:${Math.floor(readyAt / width)}`;
}
