/** The fields of a message: numbers for varints, bytes for the rest, in the order they came. */
export type Fields = Map<number, (number | Uint8Array)[]>;

/** Reads a message of Protocol Buffers, as far as KV Connect uses them. */
export function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const values = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, values);
    if ((tag & 7) === 0) {
      values.push(varint());
    } else {
      const length = varint();
      values.push(bytes.slice(at, at += length));
    }
  }
  return fields;
}

/** The bytes of a field; empty when it is absent. */
export function bytesOf(fields: Fields, number: number): Uint8Array {
  const value = fields.get(number)?.[0];
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** The number of a field; 0 when it is absent. */
export function numberOf(fields: Fields, number: number): number {
  return Number(fields.get(number)?.[0] ?? 0);
}

/** The messages of a repeated field. */
export function messagesOf(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).map((each) => readFields(each as Uint8Array));
}

/** Writes a message: its fields by number, several times where several are given. */
export function writeFields(
  ...fields: readonly [number: number, value: number | Uint8Array][]
): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
    bytes.push(value);
  };
  for (const [number, value] of fields) {
    if (typeof value === "number") {
      varint(number << 3);
      varint(value);
    } else {
      varint(number << 3 | 2);
      varint(value.length);
      for (const byte of value) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}
