import { counter, gauge, type MetricSource } from "../../telemetry/mod.ts";
import type { GatewayStats } from "../http/mod.ts";

const COUNTERS: Readonly<
  Record<Exclude<keyof GatewayStats, "streams" | "polls">, readonly [name: string, help: string]>
> = {
  requests: ["requests", "Requests to the gateway."],
  reads: ["reads", "Values that were asked for."],
  changes: ["changes", "Changes that became durable."],
  failedChanges: ["changes_failed", "Changes that could not be stored."],
  unauthorized: ["requests_unauthorized", "Requests to change something without the token."],
  refused: ["requests_refused", "Requests refused for what they say."],
  overloaded: ["requests_overloaded", "Requests refused as there are too many."],
  events: ["events", "Changes told to streams."],
  dropped: ["streams_dropped", "Streams dropped as they were read too slowly."],
};

/**
 * What a gateway for HTTP has counted.
 *
 * @param gateway The gateway.
 */
export function gatewayMetrics(gateway: { stats(): GatewayStats }): MetricSource {
  return () => {
    const { streams, polls, ...counts } = gateway.stats();
    return [
      gauge("sluice_modstamp_http_streams", "Streams of changes now.", streams),
      gauge("sluice_modstamp_http_polls", "Requests that wait for a change now.", polls),
      ...Object.entries(COUNTERS).map(([key, [name, help]]) =>
        counter(`sluice_modstamp_http_${name}_total`, help, counts[key as keyof typeof counts])
      ),
    ];
  };
}
