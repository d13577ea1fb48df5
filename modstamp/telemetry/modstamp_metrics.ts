import { counter, gauge, type MetricSource } from "../../telemetry/mod.ts";
import type { ModstampServerStats } from "../server_stats.ts";

type Count = Exclude<
  keyof ModstampServerStats,
  "refused" | "subscriptions" | "ids" | "peers"
>;

const COUNTERS: Readonly<Record<Count, readonly [name: string, help: string]>> = {
  packets: ["packets", "Packets received."],
  malformed: ["packets_malformed", "Packets dropped as they are malformed."],
  skipped: ["messages_skipped", "Messages skipped as they are invalid."],
  unauthorized: ["packets_unauthorized", "Packets dropped by the security profile."],
  packetsLimited: ["packets_limited", "Packets dropped as their sender sent too many."],
  bytesLimited: ["replies_limited", "Packets not sent as their receiver would get too much."],
  outboxFull: ["replies_dropped", "Packets not sent as the outbox was full."],
  queries: ["queries", "Queries answered."],
  changes: ["changes", "Changes received."],
  forbidden: ["changes_forbidden", "Changes ignored as the peer may only query."],
  overloaded: ["packets_overloaded", "Packets with changes dropped, too many waiting."],
  failedCommits: ["commits_failed", "Commits that the store refused."],
  signals: ["signals", "Signals sent."],
  unsubscribed: ["queries_unsubscribed", "Queries answered without a subscription."],
};

/**
 * What a server holds and has counted.
 *
 * @param server The server.
 */
export function modstampMetrics(server: { stats(): ModstampServerStats }): MetricSource {
  return () => {
    const { refused, ...stats } = server.stats();
    const reasons = Object.entries(refused).map(([reason, value]) => ({
      value,
      labels: { reason },
    }));
    return [
      gauge("sluice_modstamp_ids", "Ids with a value or a subscriber.", stats.ids),
      gauge("sluice_modstamp_peers", "Peers known.", stats.peers),
      gauge("sluice_modstamp_subscriptions", "Subscriptions.", stats.subscriptions),
      counter("sluice_modstamp_packets_refused_total", "Refused by an encryptor.", reasons),
      ...Object.entries(COUNTERS).map(([key, [name, help]]) =>
        counter(`sluice_modstamp_${name}_total`, help, stats[key as Count])
      ),
    ];
  };
}
