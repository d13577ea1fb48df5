import { concat } from "./masked_frame.ts";

/** A frame that a server has sent. */
export interface ServerFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Takes what a server sends apart; has nothing in common with what is tested. */
export class ServerFrames {
  /** What has arrived and is no whole frame yet. */
  rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #parts: Uint8Array[] = [];
  #size = 0;
  #wanted = 2;

  /** Reads on; gives the frames that are whole. */
  push(chunk: Uint8Array): ServerFrame[] {
    this.#parts.push(chunk.slice());
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return [];
    this.rest = concat(...this.#parts);
    const frames: ServerFrame[] = [];
    for (let frame = this.#take(); frame !== null; frame = this.#take()) frames.push(frame);
    this.#parts = [this.rest];
    this.#size = this.rest.length;
    return frames;
  }

  #take(): ServerFrame | null {
    const bytes = this.rest;
    this.#wanted = 2;
    if (bytes.length < 2) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const short = bytes[1] & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    this.#wanted = head;
    if (bytes.length < head) return null;
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    this.#wanted = head + length;
    if (bytes.length < head + length) return null;
    this.rest = bytes.subarray(head + length);
    return {
      fin: (bytes[0] & 0x80) !== 0,
      rsv: (bytes[0] >> 4) & 7,
      opcode: bytes[0] & 0x0f,
      masked: (bytes[1] & 0x80) !== 0,
      payload: bytes.slice(head, head + length),
    };
  }
}

/** What a frame says, in one line: `text:hello`, `close:1000 bye`. */
export function lineOf(frame: ServerFrame): string {
  const { opcode, payload } = frame;
  const text = (): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload);
  if (!frame.fin || frame.rsv !== 0 || frame.masked) return `odd:${JSON.stringify(frame)}`;
  switch (opcode) {
    case 1:
      return `text:${text()}`;
    case 2:
      return `binary:${payload.toHex()}`;
    case 8:
      return payload.length === 0 ? "close" : `close:${(payload[0] << 8) | payload[1]}`;
    case 9:
      return `ping:${payload.toHex()}`;
    case 10:
      return `pong:${payload.toHex()}`;
    default:
      return `odd:${opcode}`;
  }
}
