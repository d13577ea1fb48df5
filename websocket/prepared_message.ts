import type { MessageDeflater } from "./protocol/message_deflater.ts";
import { encodeFrame, encodeText } from "./protocol/frame_encoder.ts";
import { Opcode } from "./protocol/opcode.ts";

/**
 * A message that goes to many connections: it is encoded once, and compressed
 * once for all connections that negotiated the same.
 *
 * @example Send one message to many
 * ```ts
 * import { type Connection, PreparedMessage } from "@sluice/sluice/websocket";
 *
 * function broadcast(connections: Iterable<Connection>, text: string): void {
 *   const message = new PreparedMessage(text);
 *   for (const connection of connections) connection.send(message);
 * }
 * broadcast([], "hello");
 * ```
 */
export class PreparedMessage {
  /** What is sent. The bytes must not change until they are sent. */
  readonly data: string | Uint8Array;
  #frame: Uint8Array<ArrayBuffer> | null = null;
  #payload: Uint8Array | null = null;
  #deflated: Map<number, Uint8Array<ArrayBuffer> | null> | null = null;

  /**
   * Prepares a message.
   *
   * @param data Text for a string, binary for bytes.
   */
  constructor(data: string | Uint8Array) {
    this.data = data;
  }

  /** @ignore The frame that holds the message as it is. */
  get frame(): Uint8Array<ArrayBuffer> {
    const { data } = this;
    this.#frame ??= typeof data === "string" ? encodeText(data) : encodeFrame(Opcode.binary, data);
    return this.#frame;
  }

  /** @ignore The message as bytes. */
  get payload(): Uint8Array {
    const { data } = this;
    this.#payload ??= typeof data === "string" ? new TextEncoder().encode(data) : data;
    return this.#payload;
  }

  /**
   * @ignore The frame that holds the message compressed, or `null` when it
   * did not become shorter; `deflater` must forget what it knows when it is sent.
   */
  deflated(deflater: MessageDeflater): Uint8Array<ArrayBuffer> | null {
    this.#deflated ??= new Map();
    let frame = this.#deflated.get(deflater.windowBits);
    if (frame === undefined) {
      const opcode = typeof this.data === "string" ? Opcode.text : Opcode.binary;
      const payload = deflater.deflateAlone(this.payload);
      frame = payload && encodeFrame(opcode, payload, { compressed: true });
      this.#deflated.set(deflater.windowBits, frame);
    }
    return frame;
  }
}
