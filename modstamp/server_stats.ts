/** What a server has counted since it started. */
export interface ModstampServerStats {
  /** Packets received. */
  packets: number;
  /** Packets dropped because they are malformed. */
  malformed: number;
  /** Messages skipped: unknown letter, wrong number of arguments or invalid id. */
  skipped: number;
  /** Packets dropped because no entry of the security profile lets them in. */
  unauthorized: number;
  /** Packets an encryptor refused, by reason. */
  refused: { truncated: number; forged: number; stale: number; replayed: number; busy: number };
  /** Packets dropped because their sender sent too many. */
  packetsLimited: number;
  /** Packets not sent because their receiver would have got too many bytes. */
  bytesLimited: number;
  /** Packets not sent because the outbox was full. */
  outboxFull: number;
  /** Queries answered. */
  queries: number;
  /** Changes received of peers who may change. */
  changes: number;
  /** Changes ignored because the peer may only query. */
  forbidden: number;
  /** Packets with changes dropped because too many wait for the store, or ids ran out. */
  overloaded: number;
  /** Commits that the store refused; their changes are not confirmed. */
  failedCommits: number;
  /** Signals sent. */
  signals: number;
  /** Queries answered without a subscription, as a limit was reached. */
  unsubscribed: number;
  /** Subscriptions now. */
  subscriptions: number;
  /** Ids now, with a value or a subscriber. */
  ids: number;
  /** Peers known now. */
  peers: number;
}

/** A fresh set of counters. */
export function zeroStats(): ModstampServerStats {
  return {
    packets: 0,
    malformed: 0,
    skipped: 0,
    unauthorized: 0,
    refused: { truncated: 0, forged: 0, stale: 0, replayed: 0, busy: 0 },
    packetsLimited: 0,
    bytesLimited: 0,
    outboxFull: 0,
    queries: 0,
    changes: 0,
    forbidden: 0,
    overloaded: 0,
    failedCommits: 0,
    signals: 0,
    unsubscribed: 0,
    subscriptions: 0,
    ids: 0,
    peers: 0,
  };
}
