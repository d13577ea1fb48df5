import type {
  EventLoop,
  StreamAddress,
  StreamError,
  StreamHandlers,
  StreamSocket,
} from "../../../loop/mod.ts";
import { concat } from "./masked_frame.ts";
import { lineOf, type ServerFrame, ServerFrames } from "./server_frames.ts";

/** The key of the example in RFC 6455. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** Header fields of a handshake; `undefined` leaves a field out. */
export type Fields = Record<string, string | undefined>;

/** The head of a handshake. */
export function handshakeHead(
  fields: Fields = {},
  line = "GET /path?query HTTP/1.1",
): Uint8Array<ArrayBuffer> {
  const all: Fields = {
    "Host": "server.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(`${line}\r\n${lines}\r\n`);
}

/** A client that sends whatever a test wants, and writes down what comes. */
export class RawClient implements StreamHandlers {
  /** The stream. */
  stream!: StreamSocket;
  /** The head of the answer to the handshake, once it is there. */
  head = "";
  /** The frames that came, a line each. */
  lines: string[] = [];
  /** The frames that came. */
  readonly frames: ServerFrame[] = [];
  /** Whether the server has ended its side. */
  ended = false;
  /** Whether the stream is gone. */
  closed = false;
  /** Why the stream is gone. */
  error: StreamError | null = null;
  /** All that came, in bytes. */
  received = 0;
  readonly #frames = new ServerFrames();
  #bytes = new Uint8Array(0);

  /** Connects. */
  static async connect(
    loop: EventLoop,
    options: { hostname: string; port: number },
  ): Promise<RawClient> {
    const client = new RawClient();
    client.stream = await loop.connectStream({ ...options, handlers: client });
    return client;
  }

  /** The status of the answer. */
  get status(): number {
    return Number(this.head.split(" ")[1]);
  }

  /** A header field of the answer. */
  field(name: string): string | null {
    const prefix = `${name.toLowerCase()}: `;
    const line = this.head.split("\r\n").find((each) => each.toLowerCase().startsWith(prefix));
    return line?.slice(prefix.length) ?? null;
  }

  /** What came behind the head of an answer that is no upgrade. */
  get body(): string {
    return new TextDecoder().decode(this.#bytes);
  }

  onData(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.status === 101) return this.#read(chunk);
    this.#bytes = concat(this.#bytes, chunk);
    if (this.head !== "") return;
    const text = new TextDecoder("latin1").decode(this.#bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.head = text.slice(0, end);
    this.#bytes = this.#bytes.slice(end + 4);
    if (this.status === 101) this.#read(this.#bytes);
  }

  onEnd(): void {
    this.ended = true;
    this.stream.end();
  }

  onClose(_stream: StreamSocket, error: StreamError | null): void {
    this.closed = true;
    this.error = error;
  }

  #read(chunk: Uint8Array): void {
    for (const frame of this.#frames.push(chunk)) {
      this.frames.push(frame);
      this.lines.push(lineOf(frame));
    }
  }
}

/** The port of an address. */
export function portOf(address: StreamAddress): number {
  return "port" in address ? address.port : 0;
}
