import { counter, gauge, type MetricSource, type Sample } from "../../telemetry/mod.ts";
import type { Application } from "../application.ts";
import { audiencesOf } from "../audiences.ts";
import type { ServerCounters, ServerStats } from "../server/server_stats.ts";

const COUNTERS: Readonly<Record<keyof ServerCounters, readonly [name: string, help: string]>> = {
  accepted: ["handshakes_accepted", "Handshakes accepted."],
  refused: ["handshakes_refused", "Handshakes refused."],
  messagesReceived: ["messages_received", "Messages received."],
  messagesSent: ["messages_sent", "Messages sent, once for each receiver."],
  bytesReceived: ["received_bytes", "Bytes received."],
  failed: ["connections_failed", "Connections failed as the peer broke a rule."],
  evicted: ["connections_evicted", "Slow readers evicted."],
  lost: ["connections_lost", "Connections reset, silent, or not closed in time."],
};

/**
 * What a server holds and has counted, and the rooms and topics of its application.
 *
 * @param server The server.
 * @param application What it serves, with all components.
 */
export function websocketMetrics(
  server: { stats(): ServerStats },
  application: Application,
): MetricSource {
  return () => {
    const stats = server.stats();
    const { topics, subscriptions } = countAudiences(application);
    return [
      gauge("sluice_websocket_connections", "Connections open.", stats.connections),
      gauge("sluice_websocket_streams", "Streams held.", stats.streams),
      gauge("sluice_websocket_unfinished_bytes", "Unfinished messages.", stats.unfinishedBytes),
      gauge("sluice_websocket_buffered_bytes", "Waiting to be sent.", stats.bufferedBytes),
      gauge("sluice_websocket_topics", "Rooms and topics that somebody is in.", topics),
      gauge("sluice_websocket_subscriptions", "Connections in them.", subscriptions),
      ...Object.entries(COUNTERS).map(([key, [name, help]]) =>
        counter(`sluice_websocket_${name}_total`, help, stats[key as keyof ServerCounters])
      ),
    ];
  };
}

function countAudiences(application: Application): Record<"topics" | "subscriptions", Sample[]> {
  const kinds = new Map<string, { topics: number; subscriptions: number }>();
  for (const { kind, size } of audiencesOf(application)) {
    const counts = kinds.get(kind) ?? { topics: 0, subscriptions: 0 };
    kinds.set(kind, { topics: counts.topics + 1, subscriptions: counts.subscriptions + size });
  }
  const samples = (what: "topics" | "subscriptions"): Sample[] =>
    [...kinds].map(([kind, counts]) => ({ value: counts[what], labels: { kind } }));
  return { topics: samples("topics"), subscriptions: samples("subscriptions") };
}
