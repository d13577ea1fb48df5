import { EventLoop } from "../../../loop/mod.ts";
import { type Application, WsServer, type WsServerOptions } from "../../../websocket/mod.ts";

/** A server mounted on the platform's, on a real port. */
export class MountedScene implements AsyncDisposable {
  readonly server: WsServer;
  /** What reached the server's `onError`. */
  readonly errors: unknown[] = [];
  readonly loop = new EventLoop({ poller: "portable" });
  readonly #platform: Deno.HttpServer<Deno.NetAddr>;

  constructor(application: Application, options: WsServerOptions = {}) {
    this.server = new WsServer(application, {
      loop: this.loop,
      onError: (error) => void this.errors.push(error),
      ...options,
    });
    this.#platform = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      this.server.handler,
    );
  }

  /** The port of the platform's server. */
  get port(): number {
    return this.#platform.addr.port;
  }

  /** Sends a request that need not be a handshake. */
  async request(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    await response.body?.cancel();
    return response;
  }

  /** A client whose connection is open. */
  async client(path = "/", protocols: string[] = []): Promise<SocketRecorder> {
    const client = new SocketRecorder(`ws://127.0.0.1:${this.port}${path}`, protocols);
    await client.until(() => client.lines.length > 0);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    await this.#platform.shutdown();
    await this.loop[Symbol.asyncDispose]();
  }
}

/** A platform's socket that writes down what it is told, and lets a test wait for it. */
export class SocketRecorder {
  readonly socket: WebSocket;
  readonly lines: string[] = [];
  #conditions: { holds: () => boolean; resolve: () => void }[] = [];

  constructor(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { protocols, headers });
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.#note("open");
    this.socket.onmessage = ({ data }) =>
      this.#note(
        typeof data === "string" ? `text ${data}` : `binary ${new Uint8Array(data).toHex()}`,
      );
    this.socket.onclose = ({ code, reason }) => this.#note(`close ${code} ${reason}`.trim());
  }

  /** Waits until a condition holds, which is asked after each call. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#conditions.push({ holds, resolve });
      this.#check();
    });
  }

  /** Waits for a line. */
  async line(line: string): Promise<void> {
    await this.until(() => this.lines.includes(line));
  }

  /** Closes, and waits until it is closed. */
  async close(code?: number): Promise<void> {
    this.socket.close(code);
    await this.until(() => this.lines.at(-1)!.startsWith("close"));
  }

  #note(line: string): void {
    this.lines.push(line);
    this.#check();
  }

  #check(): void {
    this.#conditions = this.#conditions.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}
