import { median } from "./process.ts";

/**
 * Prints the median rate of each peer, and its ratio to the first one. Rates of one turn are
 * compared with each other, as the machine's speed changes.
 *
 * @param names The peers.
 * @param rates The rates of each, a turn each.
 */
export function printRatios(names: readonly string[], rates: readonly number[][]): void {
  for (const [i, name] of names.entries()) {
    const rate = String(median(rates[i])).padStart(9);
    const ratio = median(rates[i].map((each, run) => each / rates[0][run])).toFixed(2);
    console.log(`  ${name.padEnd(34)}${rate} /s  ${ratio} × ${names[0]}`);
  }
}
