import { type FetchServer, lastOfConnection } from "./_fetch_server.ts";
import type { FetchHandler } from "./fetch_handler.ts";

/** Options of {@linkcode PortServer}. */
export interface PortServerOptions {
  /** Answers the requests. */
  handler: FetchHandler;
  /** The interface to listen on. */
  hostname: string;
  /** The port to listen on. */
  port: number;
  /** Whether others listen on the port too. */
  reusePort: boolean;
  /** Called for each request. */
  onRequest: () => void;
}

/** Serves with a listening socket of its own. */
export class PortServer implements FetchServer {
  /** `Deno.serve` doesn't tell. */
  readonly idle = null;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #draining = false;

  /**
   * Begins to listen.
   *
   * @throws When the port can't be had.
   */
  constructor(options: PortServerOptions) {
    const { hostname, port, reusePort } = options;
    const listen = { hostname, port, reusePort, onListen: () => {} };
    this.#server = Deno.serve(listen, this.#wrap(options));
  }

  /** The port it listens on. */
  get port(): number {
    return this.#server.addr.port;
  }

  drain(): void {
    this.#draining = true;
  }

  shutdown(): Promise<void> {
    this.#draining = true;
    return this.#server.shutdown();
  }

  // As `deno serve` does, it gives both arguments to handlers that name none or one, too: some
  // pass on what they are given.
  #wrap({ handler, onRequest }: PortServerOptions): FetchHandler {
    return (request, info) => {
      const response = handler(request, info);
      onRequest();
      if (!this.#draining) return response;
      return response instanceof Promise
        ? response.then(lastOfConnection)
        : lastOfConnection(response);
    };
  }
}
