const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A modstamp as JSON shows it. */
export interface ValueView {
  /** The id. */
  readonly id: string;
  /** The value as text, empty for none. */
  readonly value?: string;
  /** The value in base64, instead, when it is no UTF-8. */
  readonly base64?: string;
}

/** Makes what JSON shows of a value. */
export function viewValue(id: string, value: Uint8Array): ValueView {
  try {
    return { id, value: decoder.decode(value) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { id, base64: value.toBase64() };
  }
}
