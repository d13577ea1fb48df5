import type { StreamError, StreamHandlers, StreamSocket } from "../../loop/mod.ts";
import { PendingHandshake } from "./pending_handshake.ts";
import type { ServerContext } from "./server_context.ts";

/** Options of {@linkcode ServerStream}. */
export interface ServerStreamOptions {
  stream: StreamSocket;
  context: ServerContext;
  /** Whether the stream is encrypted. */
  secure: boolean;
}

/** What is told about an accepted stream: first to the handshake, then to the connection. */
export class ServerStream implements StreamHandlers {
  #phase: StreamHandlers;

  /**
   * @param options See {@linkcode ServerStreamOptions}.
   */
  constructor(options: ServerStreamOptions) {
    const { stream, context } = options;
    const { roster, settings, addresses } = context;
    const addressKey = addresses.enter(stream.remoteAddress);
    const pending = new PendingHandshake({
      ...options,
      addressKey: addressKey ?? "",
      onAccept: (connection) => this.#phase = connection,
    });
    this.#phase = pending;
    roster.add(pending);
    if (context.draining || roster.size > settings.maxConnections) {
      pending.refuse({ status: 503, headers: [["Retry-After", "10"]] });
    } else if (addressKey === null) {
      pending.refuse({ status: 429, body: "Too many connections from this address" });
    }
  }

  onData(chunk: Uint8Array<ArrayBuffer>, stream: StreamSocket): void | Promise<void> {
    return this.#phase.onData(chunk, stream);
  }

  onDrain(stream: StreamSocket): void | Promise<void> {
    return this.#phase.onDrain?.(stream);
  }

  onEnd(stream: StreamSocket): void | Promise<void> {
    return this.#phase.onEnd!(stream);
  }

  onClose(stream: StreamSocket, error: StreamError | null): void | Promise<void> {
    return this.#phase.onClose!(stream, error);
  }
}
