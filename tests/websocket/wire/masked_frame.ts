/** How a client's frame differs from a plain one. */
export interface FrameOptions {
  /** Whether it is the last one of its message; default true. */
  fin?: boolean;
  /** The reserved bits, 0 to 7; default 0. */
  rsv?: number;
  /** The mask, or `null` to leave it out. */
  mask?: [number, number, number, number] | null;
}

const DEFAULT_MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** Bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Bytes one behind the other. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes written in hexadecimal digits. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(digits.replaceAll(" ", ""));
}

/** A frame as a client sends it. */
export function frame(
  opcode: number,
  payload: Uint8Array | string = "",
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const { fin = true, rsv = 0, mask = DEFAULT_MASK } = options;
  const data = typeof payload === "string" ? utf8(payload) : payload;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, mask === null ? 0 : 0x80];
  if (data.length < 126) head[1] |= data.length;
  else if (data.length < 65_536) {
    head[1] |= 126;
    head.push(data.length >> 8, data.length & 0xff);
  } else {
    head[1] |= 127;
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(data.length));
    head.push(...new Uint8Array(length.buffer));
  }
  if (mask === null) return concat(Uint8Array.from(head), data);
  const start = head.length + 4;
  const bytes = new Uint8Array(start + data.length);
  bytes.set(head);
  bytes.set(mask, head.length);
  for (let i = 0; i < data.length; i++) bytes[start + i] = data[i] ^ mask[i & 3];
  return bytes;
}

/** A text message in one frame. */
export function text(
  payload: Uint8Array | string,
  options?: FrameOptions,
): Uint8Array<ArrayBuffer> {
  return frame(1, payload, options);
}

/** A binary message in one frame. */
export function binary(payload: Uint8Array, options: FrameOptions = {}): Uint8Array<ArrayBuffer> {
  return frame(2, payload, options);
}

/** A frame that continues a message. */
export function more(
  payload: Uint8Array | string,
  options?: FrameOptions,
): Uint8Array<ArrayBuffer> {
  return frame(0, payload, options);
}

/** A ping. */
export function ping(
  payload?: Uint8Array | string,
  options?: FrameOptions,
): Uint8Array<ArrayBuffer> {
  return frame(9, payload, options);
}

/** A pong. */
export function pong(payload: Uint8Array | string = ""): Uint8Array<ArrayBuffer> {
  return frame(10, payload);
}

/** A close frame; without a code it is empty. */
export function close(code?: number, reason: Uint8Array | string = ""): Uint8Array<ArrayBuffer> {
  if (code === undefined) return frame(8);
  const data = typeof reason === "string" ? utf8(reason) : reason;
  return frame(8, concat(Uint8Array.of(code >> 8, code & 0xff), data));
}
