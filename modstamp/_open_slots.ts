/**
 * Adds a number to a hash table with open addressing, which must have room. A slot holds a number
 * and one, or 0. Finding is up to the owner of the table, who knows what numbers stand for.
 *
 * @param slots The table; its length is a power of 2.
 * @param number The number, which is not in it.
 * @param homeOf The hash of a number.
 */
export function occupySlot(
  slots: Int32Array,
  number: number,
  homeOf: (number: number) => number,
): void {
  const mask = slots.length - 1;
  let slot = homeOf(number) & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = number + 1;
}

/**
 * Removes a number from such a table.
 *
 * @param slots The table.
 * @param number The number, which is in it.
 * @param homeOf The hash of a number.
 */
export function vacateSlot(
  slots: Int32Array,
  number: number,
  homeOf: (number: number) => number,
): void {
  const mask = slots.length - 1;
  let slot = homeOf(number) & mask;
  while (slots[slot] !== number + 1) slot = (slot + 1) & mask;
  // Later entries of the run move back, so that no probe ends too early.
  for (let next = (slot + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
    const home = homeOf(slots[next] - 1) & mask;
    if (((next - home) & mask) < ((next - slot) & mask)) continue;
    slots[slot] = slots[next];
    slot = next;
  }
  slots[slot] = 0;
}
