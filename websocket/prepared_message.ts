/**
 * A message that goes to many connections: it is encoded once, and compressed
 * once for all connections that negotiated the same.
 *
 * @example Send one message to many
 * ```ts
 * import { type Connection, PreparedMessage } from "@sluice/sluice/websocket";
 *
 * function broadcast(connections: Iterable<Connection>, text: string): void {
 *   const message = new PreparedMessage(text);
 *   for (const connection of connections) connection.send(message);
 * }
 * broadcast([], "hello");
 * ```
 */
export class PreparedMessage {
  /** What is sent. The bytes must not change until they are sent. */
  readonly data: string | Uint8Array;

  /**
   * Prepares a message.
   *
   * @param data Text for a string, binary for bytes.
   */
  constructor(data: string | Uint8Array) {
    this.data = data;
  }
}
