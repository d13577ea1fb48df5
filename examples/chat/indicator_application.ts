import {
  type Application,
  type Connection,
  PreparedMessage,
  sessionOf,
} from "@sluice/sluice/websocket";
import { nameOf } from "./chat_application.ts";

/** Shows how many visitors there are, and who of them is typing. */
export class IndicatorApplication implements Application {
  readonly #visitors = new Set<Connection>();
  readonly #typing = new Map<Connection, string>();

  /** Counts a visitor. */
  onOpen(connection: Connection): void {
    this.#visitors.add(connection);
    this.#tell();
  }

  /** A visitor began to type, or stopped. */
  async onMessage(connection: Connection, message: string | Uint8Array): Promise<void> {
    if (message !== "typing") {
      if (this.#typing.delete(connection)) this.#tell();
      return;
    }
    // The name is given on the other connection of the page.
    await sessionOf(connection).reload();
    if (connection.state !== "open") return;
    this.#typing.set(connection, nameOf(connection));
    this.#tell();
  }

  /** Counts a visitor no more. */
  onClose(connection: Connection): void {
    this.#visitors.delete(connection);
    this.#typing.delete(connection);
    this.#tell();
  }

  #tell(): void {
    const typing = [...new Set(this.#typing.values())];
    const message = new PreparedMessage(JSON.stringify({ here: this.#visitors.size, typing }));
    for (const visitor of this.#visitors) visitor.send(message);
  }
}
