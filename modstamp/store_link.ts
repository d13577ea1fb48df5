/**
 * One end of an ordered, reliable channel of messages between a server and the
 * owner of its store, such as the one between a supervisor and its worker.
 */
export interface StoreLink {
  /**
   * Sends a message.
   *
   * @returns Whether it was taken.
   */
  send(bytes: Uint8Array): boolean;
  /** Has `handler` called with each message, whose bytes are valid only during the call. */
  onMessage(handler: (bytes: Uint8Array) => void): void;
}
