const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Options of {@linkcode HttpLoad}. */
export interface HttpLoadOptions {
  /** The port to load. */
  port: number;
  /** How many clients there are. */
  clients: number;
  /** Whether connections are kept alive until the server ends them. */
  keepAlive: boolean;
}

/** A request that got no good answer. */
export interface LoadFailure {
  /** What is wrong. */
  error: unknown;
  /** Which client made it, from 0 on. */
  client: number;
  /** When the client began to connect, or to use its connection again, in milliseconds. */
  began: number;
}

/** The server has ended a connection before its answer was whole. */
export class CutOffError extends Error {
  override name = "CutOffError";
  /** How much of the answer came. */
  readonly bytes: number;

  constructor(bytes: number) {
    super(`Cannot read the answer as the connection ended after ${bytes} bytes of it`);
    this.bytes = bytes;
  }
}

/** What came of the requests. */
export interface LoadResult {
  /** Whole answers with status 200. */
  answers: number;
  /** Connections made. */
  connections: number;
  /** Everything else. */
  failures: LoadFailure[];
  /** Answers by the first word of their body. */
  by: Map<string, number>;
}

/** Clients that each have one request under way at a time, and take no excuse. */
export class HttpLoad {
  readonly #options: HttpLoadOptions;
  readonly #result: LoadResult = { answers: 0, connections: 0, failures: [], by: new Map() };
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(options: HttpLoadOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, (_, client) => this.#run(client));
  }

  /** How many answers there are so far. */
  get answers(): number {
    return this.#result.answers;
  }

  /** Ends the load once the requests under way are answered. */
  async stop(): Promise<LoadResult> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return this.#result;
  }

  async #run(client: number): Promise<void> {
    while (!this.#stopped) {
      let began = performance.now();
      try {
        using connection = await Deno.connect({ port: this.#options.port, hostname: "127.0.0.1" });
        this.#result.connections++;
        while (await this.#exchange(connection) && !this.#stopped) began = performance.now();
      } catch (error) {
        this.#result.failures.push({ error, client, began });
      }
    }
  }

  /** Makes one request; tells whether the connection can be used again. */
  async #exchange(connection: Deno.TcpConn): Promise<boolean> {
    const { keepAlive } = this.#options;
    const { body, closes } = await askOn(connection, { keepAlive });
    this.#count(body);
    return keepAlive && !closes;
  }

  #count(body: string): void {
    const [name] = body.split(" ");
    this.#result.answers++;
    this.#result.by.set(name, (this.#result.by.get(name) ?? 0) + 1);
  }
}

/**
 * Makes one request on a connection; tells what came, and whether the server ends the connection.
 *
 * @throws {CutOffError} When the server ends it before the answer is whole.
 */
export async function askOn(
  connection: Deno.TcpConn,
  { keepAlive }: { keepAlive: boolean },
): Promise<{ body: string; closes: boolean }> {
  const close = keepAlive ? "" : "Connection: close\r\n";
  await connection.write(encoder.encode(`GET / HTTP/1.1\r\nHost: localhost\r\n${close}\r\n`));
  let text = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const got = await connection.read(buffer);
    if (got === null) throw new CutOffError(text.length);
    text += decoder.decode(buffer.subarray(0, got));
    const answer = readAnswer(text);
    if (answer !== null) return answer;
  }
}

/** Reads an answer; `null` when more is to come. */
function readAnswer(text: string): { body: string; closes: boolean } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = text.slice(0, end + 2);
  const rest = text.slice(end + 4);
  const closes = /^connection: *close/im.test(head);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const chunk = /^([0-9a-f]+)\r\n([^]*)\r\n0\r\n\r\n$/.exec(rest);
  if (!head.startsWith("HTTP/1.1 200")) throw new TypeError(`No good answer: ${head}`);
  if (length !== undefined) return rest.length < Number(length) ? null : { body: rest, closes };
  if (!/^transfer-encoding: *chunked/im.test(head)) throw new TypeError(`No length: ${head}`);
  return chunk === null ? null : { body: chunk[2], closes };
}
