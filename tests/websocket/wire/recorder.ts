import {
  type Application,
  type CloseInfo,
  type Connection,
  type Subprotocols,
  subprotocolsOf,
} from "../../../websocket/mod.ts";

/** An application that writes down what it is told, and then does what a test wants. */
export class Recorder implements Application {
  /** What was told, a line each. */
  readonly lines: string[] = [];
  /** The connections in the order in which they opened. */
  readonly connections: Connection[] = [];
  readonly #application: Application;

  constructor(application: Application = {}) {
    this.#application = application;
    this.subprotocols = (request) => subprotocolsOf(application, request);
    if (application.onError !== undefined) {
      this.onError = (connection, error) => {
        this.lines.push(`error ${error instanceof Error ? error.message : error}`);
        return application.onError!(connection, error);
      };
    }
  }

  declare subprotocols: Subprotocols;
  declare onError?: Application["onError"];

  onHandshake(...args: Parameters<NonNullable<Application["onHandshake"]>>) {
    return this.#application.onHandshake?.(...args);
  }

  onOpen(connection: Connection): void | Promise<void> {
    this.lines.push("open");
    this.connections.push(connection);
    return this.#application.onOpen?.(connection);
  }

  onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    this.lines.push(typeof message === "string" ? `text ${message}` : `binary ${message.toHex()}`);
    return this.#application.onMessage?.(connection, message);
  }

  onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    this.lines.push(
      `close ${close.code} ${close.wasClean ? "clean" : "unclean"} ${close.reason}`.trim(),
    );
    return this.#application.onClose?.(connection, close);
  }
}
