import type { StreamSocket } from "../../loop/mod.ts";
import { PreparedMessage } from "../prepared_message.ts";
import type { MessageDeflater } from "../protocol/message_deflater.ts";
import { Opcode } from "../protocol/opcode.ts";
import type { ServerContext } from "./server_context.ts";

const utf8 = new TextEncoder();

/** Options of {@linkcode Outbound}. */
export interface OutboundOptions {
  stream: StreamSocket;
  context: ServerContext;
  deflater: MessageDeflater | null;
}

/** The writing side of a connection. */
export class Outbound {
  readonly #stream: StreamSocket;
  readonly #context: ServerContext;
  readonly #deflater: MessageDeflater | null;

  /**
   * @param options See {@linkcode OutboundOptions}.
   */
  constructor(options: OutboundOptions) {
    this.#stream = options.stream;
    this.#context = options.context;
    this.#deflater = options.deflater;
  }

  /** Bytes that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#stream.queuedBytes + this.#context.writer.heldBytes(this.#stream);
  }

  /**
   * Writes a message.
   *
   * @returns Whether to go on: `false` when the queue is full.
   */
  message(data: string | Uint8Array | PreparedMessage): boolean {
    const { writer } = this.#context;
    this.#context.counters.messagesSent++;
    if (typeof data === "string") {
      // A string has at most three times as many bytes as characters.
      if (this.#deflater !== null && this.#isDeflatable(data.length * 3)) {
        const payload = utf8.encode(data);
        if (this.#isDeflatable(payload.length)) return this.#compress(Opcode.text, payload);
      }
      return writer.text(this.#stream, data);
    }
    if (data instanceof PreparedMessage) return this.#prepared(data);
    if (this.#deflater !== null && this.#isDeflatable(data.length)) {
      return this.#compress(Opcode.binary, data);
    }
    return writer.frame(this.#stream, { opcode: Opcode.binary, payload: data });
  }

  /** Writes a control frame. */
  control(opcode: number, payload: Uint8Array): boolean {
    return this.#context.writer.frame(this.#stream, { opcode, payload });
  }

  /** Writes what was held back, so that the stream knows all. */
  flush(): boolean {
    return this.#context.writer.flush(this.#stream);
  }

  /** Ends the stream behind what was written. */
  end(): void {
    this.flush();
    this.#stream.end();
  }

  /** Gives back what compressing takes. */
  release(): void {
    this.#deflater?.close();
  }

  #isDeflatable(length: number): boolean {
    const { minBytes, maxBytes } = this.#context.settings.deflate!;
    return length >= minBytes && length <= maxBytes;
  }

  #compress(opcode: number, payload: Uint8Array): boolean {
    const { writer } = this.#context;
    const deflated = this.#deflater!.deflate(payload);
    if (deflated === null) return writer.frame(this.#stream, { opcode, payload });
    return writer.frame(this.#stream, { opcode, payload: deflated, compressed: true });
  }

  #prepared(message: PreparedMessage): boolean {
    const { writer } = this.#context;
    if (this.#deflater !== null && this.#isDeflatable(message.payload.length)) {
      const frame = message.deflated(this.#deflater);
      if (frame !== null) {
        this.#deflater.forget();
        return writer.encoded(this.#stream, frame);
      }
    }
    return writer.encoded(this.#stream, message.frame);
  }
}
