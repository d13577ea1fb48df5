/** Bytes of text, in which `~` stands for the NUL that marks properties. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text.replaceAll("~", "\0"));
}

/** Text of bytes, in which `~` stands for NUL. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll("\0", "~");
}
