/** Typed arrays below this many bytes may live on the engine's heap, and move. */
const MIN_STABLE_BYTES = 128;

/**
 * Memory that native code may point into for as long as the array is referenced.
 *
 * @param words How many words of 32 bits are needed at least.
 */
export function nativeWords(words: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Math.max(words, MIN_STABLE_BYTES / 4));
}

/**
 * The address of an array's memory. It is good for as long as the array is
 * referenced: whoever stores it must hold the array, too.
 */
export function addressOf(array: ArrayBufferView<ArrayBuffer>): number {
  return Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(array)));
}

/** Writes an address, 64 bits, at `words[at]`. */
export function writeAddress(words: Uint32Array, at: number, address: number): void {
  words[at] = address;
  words[at + 1] = address / 0x1_0000_0000;
}
