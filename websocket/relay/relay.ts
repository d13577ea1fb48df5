/** Called with each message of a channel; its bytes are the handler's. */
export type RelayHandler = (bytes: Uint8Array) => void;

/**
 * Passes messages between the servers of several processes or machines. Who sends doesn't get its
 * own message. A message is delivered at most once: who is cut off meanwhile misses it.
 */
export interface Relay extends AsyncDisposable {
  /**
   * Sends a message to all others.
   *
   * @param channel What it is about, at most 200 characters of ASCII.
   * @param bytes The message, which must not change any more.
   * @returns Whether it was taken: not when the way to the others is down or full.
   */
  send(channel: string, bytes: Uint8Array): boolean;
  /**
   * Has `handler` called with each message of others.
   *
   * @returns Ends it.
   */
  listen(channel: string, handler: RelayHandler): Disposable;
}
