/** Every byte is below 128. */
export const ASCII = 0;
/** Valid UTF-8 with at least one character beyond ASCII. */
export const UTF8 = 1;
/** Not valid UTF-8. */
export const BINARY = 2;

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The length of the character that starts at `at`; 0 when there is none that UTF-8 allows. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const second = bytes[at + 1];
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second)) return 0;
  if (first < 0xe0) return 2;
  if (!isContinuation(bytes[at + 2])) return 0;
  if (first < 0xf0) {
    const isOverlong = first === 0xe0 && second! < 0xa0;
    const isSurrogate = first === 0xed && second! > 0x9f;
    return isOverlong || isSurrogate ? 0 : 3;
  }
  const isOverlong = first === 0xf0 && second! < 0x90;
  const isBeyondUnicode = first === 0xf4 && second! > 0x8f;
  return !isContinuation(bytes[at + 3]) || isOverlong || isBeyondUnicode ? 0 : 4;
}

/**
 * Tells what a range of bytes is as text. A decoder that throws would cost microseconds for each
 * invalid string, which a peer could send by the million.
 *
 * @param bytes The bytes.
 * @param start Where the range starts.
 * @param end Where it ends.
 * @returns {@link ASCII}, {@link UTF8} or {@link BINARY}.
 */
export function classify(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! < 0x80) at++;
  if (at === end) return ASCII;
  while (at < end) {
    if (bytes[at]! < 0x80) {
      at++;
      continue;
    }
    const length = characterLength(bytes, at);
    if (length === 0 || at + length > end) return BINARY;
    at += length;
  }
  return UTF8;
}
