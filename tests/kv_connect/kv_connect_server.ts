import { bytesOf, type Fields, messagesOf, numberOf, readFields, writeFields } from "./protobuf.ts";

const SUCCESS = 1;
const CHECK_FAILURE = 2;
const SET = 1;
const DATABASE = "11111111-2222-3333-4444-555555555555";

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly encoding: number;
  readonly versionstamp: Uint8Array;
}

/**
 * A database that speaks KV Connect, in memory: what `Deno.openKv(url)` talks to in tests, where no
 * remote Deno KV is to be had. `DENO_KV_ACCESS_TOKEN` may be anything.
 */
export class KvConnectServer implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<() => void>();
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #version = 0;
  readonly port: number;

  private constructor() {
    this.#serve(0);
    this.port = this.#server!.addr.port;
  }

  /** Starts a server. */
  static async start(): Promise<KvConnectServer> {
    return await new KvConnectServer();
  }

  /** Its URL. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Goes away; what it holds is kept. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#wake();
    await server?.shutdown();
  }

  /** Comes back. */
  resume(): void {
    this.#serve(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(port: number): void {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => undefined },
      (request) => this.#answer(request),
    );
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    switch (pathname) {
      case "/":
        return Response.json({
          version: 2,
          uuid: DATABASE,
          databaseId: DATABASE,
          endpoints: [{ url: `${this.url}/v2`, consistency: "strong" }],
          token: "token",
          expiresAt: "2099-01-01T00:00:00Z",
        });
      case "/v2/snapshot_read":
        return protobuf(this.#read(readFields(body)));
      case "/v2/atomic_write":
        return protobuf(this.#write(readFields(body)));
      case "/v2/watch":
        return new Response(this.#watch(readFields(body)), {
          headers: { "Content-Type": "application/octet-stream" },
        });
      default:
        return new Response("There is no such thing", { status: 404 });
    }
  }

  #read(read: Fields): Uint8Array {
    const ranges = messagesOf(read, 1).map((range): [number, Uint8Array] => {
      const [start, end] = [bytesOf(range, 1).toHex(), bytesOf(range, 2).toHex()];
      const keys = [...this.#entries.keys()].filter((key) => key >= start && key < end).sort();
      if (numberOf(range, 4) === 1) keys.reverse();
      const entries = keys.slice(0, numberOf(range, 3)).map((key): [number, Uint8Array] => [
        1,
        encodeEntry(this.#entries.get(key)!),
      ]);
      return [1, writeFields(...entries)];
    });
    return writeFields(...ranges, [4, 1], [8, SUCCESS]);
  }

  #write(write: Fields): Uint8Array {
    const failed = messagesOf(write, 1).flatMap((check, i) => {
      const current = this.#entries.get(bytesOf(check, 1).toHex())?.versionstamp.toHex() ?? "";
      return current === bytesOf(check, 2).toHex() ? [] : [i];
    });
    if (failed.length > 0) {
      return writeFields([1, CHECK_FAILURE], ...failed.map((i): [number, number] => [4, i]));
    }
    const versionstamp = new Uint8Array(10);
    new DataView(versionstamp.buffer).setUint32(4, ++this.#version);
    for (const mutation of messagesOf(write, 2)) {
      const key = bytesOf(mutation, 1);
      if (numberOf(mutation, 3) === SET) {
        const value = readFields(bytesOf(mutation, 2));
        const [data, encoding] = [bytesOf(value, 1), numberOf(value, 2)];
        this.#entries.set(key.toHex(), { key, value: data, encoding, versionstamp });
      } else {
        this.#entries.delete(key.toHex());
      }
    }
    this.#wake();
    return writeFields([1, SUCCESS], [2, versionstamp]);
  }

  #watch(watch: Fields): ReadableStream<Uint8Array<ArrayBuffer>> {
    const keys = messagesOf(watch, 1).map((key) => bytesOf(key, 1).toHex());
    let last: (string | undefined)[] | null = null;
    let look = (): void => undefined;
    return new ReadableStream({
      start: (controller) => {
        look = () => {
          if (this.#server === null) {
            this.#watchers.delete(look);
            return controller.close();
          }
          const now = keys.map((key) => this.#entries.get(key)?.versionstamp.toHex());
          const before = last;
          if (before !== null && now.every((stamp, i) => stamp === before[i])) return;
          last = now;
          controller.enqueue(frame(writeFields(
            [1, SUCCESS],
            ...keys.map((key, i): [number, Uint8Array] => [2, this.#watched(key, before?.[i])]),
          )));
        };
        this.#watchers.add(look);
        look();
      },
      cancel: () => void this.#watchers.delete(look),
    });
  }

  #watched(key: string, before: string | undefined): Uint8Array {
    const entry = this.#entries.get(key);
    if (entry === undefined) return writeFields([1, 1]);
    if (entry.versionstamp.toHex() === before) return new Uint8Array();
    return writeFields([1, 1], [2, encodeEntry(entry)]);
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look();
  }
}

function encodeEntry({ key, value, encoding, versionstamp }: Entry): Uint8Array {
  return writeFields([1, key], [2, value], [3, encoding], [4, versionstamp]);
}

/** A message of a stream, behind its length in 4 bytes, the lowest first. */
function frame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + message.length);
  new DataView(bytes.buffer).setUint32(0, message.length, true);
  bytes.set(message, 4);
  return bytes;
}

function protobuf(message: Uint8Array): Response {
  return new Response(new Uint8Array(message), {
    headers: { "Content-Type": "application/x-protobuf" },
  });
}
