const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value for people: its text, or hexadecimal digits where it is none. */
export function valueText(value: Uint8Array): string {
  if (value.length === 0) return "–";
  try {
    const text = decoder.decode(value);
    if (!/\p{C}/u.test(text)) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return `0x${value.toHex()}`;
}
