/** Where a control endpoint is: a port of the loopback interface, or the path of a unix socket. */
export type ControlPlace = { readonly port: number } | { readonly path: string };

/** Reads what stands on a command line: a number is a port, all else a path. */
export function parseControlPlace(text: string): ControlPlace {
  return /^\d+$/.test(text) ? { port: Number(text) } : { path: text };
}

/** Writes a place for people. */
export function formatControlPlace(place: ControlPlace): string {
  return "port" in place ? `127.0.0.1:${place.port}` : place.path;
}

/** A control endpoint can't be opened, or nobody answers there. */
export class ControlError extends Error {
  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param cause What went wrong.
   */
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ControlError";
  }
}

/** Serves a control endpoint. Only the owner of the process may use one at a path. */
export class ControlEndpoint implements AsyncDisposable {
  readonly #server: Deno.HttpServer;
  readonly #path: string | null;

  private constructor(server: Deno.HttpServer, path: string | null) {
    this.#server = server;
    this.#path = path;
  }

  /**
   * Opens an endpoint.
   *
   * @throws {ControlError} When the place is taken or can't be used.
   */
  static async open(
    place: ControlPlace,
    handler: (request: Request) => Promise<Response>,
  ): Promise<ControlEndpoint> {
    try {
      if ("port" in place) {
        const at = { hostname: "127.0.0.1", port: place.port, onListen: () => {} };
        return new ControlEndpoint(Deno.serve(at, handler), null);
      }
      await removeAbandoned(place.path);
      return new ControlEndpoint(servePrivately(place.path, handler), place.path);
    } catch (error) {
      if (error instanceof ControlError) throw error;
      const reason = error instanceof Deno.errors.AddrInUse
        ? "it is taken"
        : error instanceof Error
        ? error.message
        : String(error);
      const where = formatControlPlace(place);
      throw new ControlError(`Cannot open control endpoint ${where} as ${reason}`, error);
    }
  }

  /** Where it listens. */
  get place(): ControlPlace {
    return this.#path === null
      ? { port: (this.#server.addr as Deno.NetAddr).port }
      : { path: this.#path };
  }

  /** Closes the endpoint; answers under way are sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    if (this.#path !== null) removeIfThere(this.#path);
  }
}

function servePrivately(
  path: string,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer {
  const umask = Deno.umask(0o177);
  try {
    return Deno.serve({ path, onListen: () => {} }, handler);
  } finally {
    Deno.umask(umask);
  }
}

/** A socket that nobody listens on is what a killed supervisor left behind. */
async function removeAbandoned(path: string): Promise<void> {
  let isSocket: boolean | null;
  try {
    isSocket = Deno.lstatSync(path).isSocket;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!isSocket) throw new ControlError(`Cannot open control endpoint ${path} as it is a file`);
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    return Deno.removeSync(path);
  }
  throw new ControlError(`Cannot open control endpoint ${path} as another supervisor serves it`);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
