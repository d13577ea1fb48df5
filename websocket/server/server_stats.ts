/** What a server counts as it goes. */
export interface ServerCounters {
  /** Handshakes accepted. */
  accepted: number;
  /** Handshakes refused, whatever the reason. */
  refused: number;
  /** Messages received. */
  messagesReceived: number;
  /** Messages sent; one that goes to many counts once for each. */
  messagesSent: number;
  /** Bytes received, handshakes included. */
  bytesReceived: number;
  /** Connections failed because the peer broke the protocol or a limit. */
  failed: number;
  /** Slow readers evicted. */
  evicted: number;
  /** Connections lost: reset, silent, or not closed in time. */
  lost: number;
}

/** What a {@linkcode WsServer} has counted, and holds now. */
export interface ServerStats extends ServerCounters {
  /** Connections open now. */
  connections: number;
  /** Streams held now: those before the handshake and behind the close included. */
  streams: number;
  /** Bytes that unfinished messages take now. */
  unfinishedBytes: number;
  /** Bytes waiting to be sent now. */
  bufferedBytes: number;
}

/** Counters that begin at zero. */
export function newCounters(): ServerCounters {
  return {
    accepted: 0,
    refused: 0,
    messagesReceived: 0,
    messagesSent: 0,
    bytesReceived: 0,
    failed: 0,
    evicted: 0,
    lost: 0,
  };
}
