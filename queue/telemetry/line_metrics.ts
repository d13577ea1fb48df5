import { counter, gauge, type MetricSource } from "../../telemetry/mod.ts";
import type { LineServerStats } from "../line/line_server_options.ts";

/**
 * What a server of the line protocol has counted.
 *
 * @param server The server.
 */
export function lineMetrics(server: { stats(): LineServerStats }): MetricSource {
  return () => {
    const stats = server.stats();
    return [
      gauge("sluice_queue_line_connections", "Connections that send lines.", stats.connections),
      counter("sluice_queue_line_refused_total", "Connections refused.", stats.refused),
      counter("sluice_queue_line_jobs_total", "Lines that were jobs.", stats.jobs),
      counter("sluice_queue_line_bad_total", "Lines that were none.", stats.badLines),
      counter("sluice_queue_line_timed_out_total", "Connections too slow.", stats.timedOut),
      counter("sluice_queue_line_handed_back_total", "Jobs not stored, as told.", stats.handedBack),
      counter("sluice_queue_line_full_total", "Waits for room in the store.", stats.fullWaits),
      counter("sluice_queue_line_failures_total", "Jobs that the store refused.", stats.failures),
    ];
  };
}
