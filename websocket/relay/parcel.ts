/** A message on its way. */
export interface Frame {
  readonly channel: string;
  readonly bytes: Uint8Array;
}

const HEAD_BYTES = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a message: the length of the channel's name (1 byte), that of the message (4), both. */
export function encodeFrame(channel: string, bytes: Uint8Array): Uint8Array {
  const name = encoder.encode(channel);
  const frame = new Uint8Array(HEAD_BYTES + name.length + bytes.length);
  frame[0] = name.length;
  new DataView(frame.buffer).setUint32(1, bytes.length);
  frame.set(name, HEAD_BYTES);
  frame.set(bytes, HEAD_BYTES + name.length);
  return frame;
}

/** Puts messages one behind the other. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const parcel = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    parcel.set(frame, at);
    at += frame.length;
  }
  return parcel;
}

/** Reads messages; what is no message ends them. */
export function decodeParcel(parcel: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const view = new DataView(parcel.buffer, parcel.byteOffset, parcel.length);
  for (let at = 0; at + HEAD_BYTES <= parcel.length;) {
    const nameEnd = at + HEAD_BYTES + parcel[at]!;
    const end = nameEnd + view.getUint32(at + 1);
    if (end > parcel.length) break;
    const channel = decoder.decode(parcel.subarray(at + HEAD_BYTES, nameEnd));
    frames.push({ channel, bytes: parcel.subarray(nameEnd, end) });
    at = end;
  }
  return frames;
}
