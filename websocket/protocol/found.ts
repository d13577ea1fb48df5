/** What a parser has found in what a client sent. */
export const Found = {
  /** The chunk is used up. */
  nothing: 0,
  /** A whole text message. */
  text: 1,
  /** A whole binary message. */
  binary: 2,
  /** A close frame. */
  close: 8,
  /** A ping. */
  ping: 9,
  /** A pong. */
  pong: 10,
  /** The peer broke the protocol or a limit; nothing follows. */
  failure: 16,
} as const;

/** A close frame that came, or one to fail the connection with. */
export interface CloseFrame {
  /** The code; 1005 when the frame has none. */
  readonly code: number;
  /** The reason. */
  readonly reason: string;
}
