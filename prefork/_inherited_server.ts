import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { type FetchServer, lastOfConnection } from "./_fetch_server.ts";
import { sendResponse, toInfo, toRequest } from "./_node_exchange.ts";
import type { FetchHandler } from "./fetch_handler.ts";

const encoder = new TextEncoder();

/** Options of {@linkcode InheritedServer}. */
export interface InheritedServerOptions {
  /** Answers the requests. */
  handler: FetchHandler;
  /** The descriptor of the listening socket. */
  fd: number;
  /** Called for each request. */
  onRequest: () => void;
}

/**
 * Serves connections of a listening socket that was inherited, and that others accept from too.
 * `Deno.serve` can't be given a socket, so Node's server does it.
 */
export class InheritedServer implements FetchServer {
  readonly #server: Server;
  readonly #options: InheritedServerOptions;
  readonly #closed = Promise.withResolvers<void>();
  #draining = false;

  private constructor(options: InheritedServerOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => {
      this.#exchange(incoming, outgoing).catch((error) => this.#fail(error, outgoing));
    });
  }

  /**
   * Begins to accept.
   *
   * @throws When the descriptor is no listening socket.
   */
  static async listen(options: InheritedServerOptions): Promise<InheritedServer> {
    const server = new InheritedServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen({ fd: options.fd }, resolve);
    });
    return server;
  }

  get idle(): Promise<void> {
    return this.#closed.promise;
  }

  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    // Node's own close of an HTTP server would also end connections that are idle just now.
    NetServer.prototype.close.call(this.#server, () => this.#closed.resolve());
  }

  shutdown(): Promise<void> {
    this.drain();
    this.#server.closeIdleConnections();
    return this.#closed.promise;
  }

  async #exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { handler, onRequest } = this.#options;
    onRequest();
    const gone = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    outgoing.once("close", () => {
      resolve();
      if (!outgoing.writableFinished) gone.abort();
    });
    const response = await handler(toRequest(incoming, gone.signal), toInfo(incoming, promise));
    await sendResponse(this.#draining ? lastOfConnection(response) : response, outgoing);
  }

  // What Deno.serve does with what a handler throws.
  #fail(error: unknown, outgoing: ServerResponse): void {
    Deno.stderr.writeSync(encoder.encode(`${Deno.inspect(error)}\n`));
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    outgoing.statusCode = 500;
    outgoing.end("Internal Server Error");
  }
}
