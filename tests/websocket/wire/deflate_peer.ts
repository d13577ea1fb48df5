import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";
import { concat } from "./masked_frame.ts";

const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** What a client and a server have agreed on. */
export interface DeflatePeerOptions {
  clientNoContextTakeover: boolean;
  serverNoContextTakeover: boolean;
  clientWindowBits: number;
  serverWindowBits: number;
}

/** Reads an agreement from the header field of the answer. */
export function agreementOf(field: string | null): DeflatePeerOptions {
  const bits = (name: string): number =>
    Number(new RegExp(`${name}=(\\d+)`).exec(field!)?.[1] ?? 15);
  return {
    clientNoContextTakeover: field!.includes("client_no_context_takeover"),
    serverNoContextTakeover: field!.includes("server_no_context_takeover"),
    clientWindowBits: bits("client_max_window_bits"),
    serverWindowBits: bits("server_max_window_bits"),
  };
}

/** A client that compresses by zlib's streams, which keep their window themselves. */
export class DeflatePeer {
  readonly #options: DeflatePeerOptions;
  #deflate: DeflateRaw | null = null;
  #inflate: InflateRaw | null = null;

  constructor(options: DeflatePeerOptions) {
    this.#options = options;
  }

  async compress(message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { clientNoContextTakeover, clientWindowBits } = this.#options;
    if (clientNoContextTakeover) this.#deflate = null;
    this.#deflate ??= createDeflateRaw({ windowBits: Math.max(9, clientWindowBits) });
    const out = await run(this.#deflate, [message]);
    return out.slice(0, -4);
  }

  async decompress(payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { serverNoContextTakeover, serverWindowBits } = this.#options;
    if (serverNoContextTakeover) this.#inflate = null;
    // A small chunk makes zlib refer to its window, and refuse what is beyond.
    this.#inflate ??= createInflateRaw({ windowBits: serverWindowBits, chunkSize: 64 });
    return await run(this.#inflate, [payload, TAIL]);
  }
}

function run(
  stream: DeflateRaw | InflateRaw,
  input: Uint8Array[],
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    const onData = (part: Uint8Array): void => void parts.push(part);
    stream.on("data", onData);
    stream.once("error", reject);
    for (const each of input) stream.write(each);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off("data", onData);
      stream.off("error", reject);
      resolve(concat(...parts));
    });
  });
}
