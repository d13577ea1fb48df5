/** What a gateway has counted since it was made. */
export interface GatewayStats {
  /** Requests that it was given. */
  requests: number;
  /** Values that were asked for. */
  reads: number;
  /** Changes that became durable. */
  changes: number;
  /** Changes that could not be stored. */
  failedChanges: number;
  /** Requests to change something without the token. */
  unauthorized: number;
  /** Requests refused for what they say. */
  refused: number;
  /** Requests refused as too many watch, wait or change at the same time. */
  overloaded: number;
  /** Changes told to streams. */
  events: number;
  /** Streams dropped as they were read too slowly. */
  dropped: number;
  /** Streams now. */
  streams: number;
  /** Requests that wait for a change now. */
  polls: number;
}

/** A fresh set of counters. */
export function zeroGatewayStats(): GatewayStats {
  return {
    requests: 0,
    reads: 0,
    changes: 0,
    failedChanges: 0,
    unauthorized: 0,
    refused: 0,
    overloaded: 0,
    events: 0,
    dropped: 0,
    streams: 0,
    polls: 0,
  };
}
