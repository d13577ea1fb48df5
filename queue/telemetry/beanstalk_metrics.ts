import { counter, gauge, type MetricSource } from "../../telemetry/mod.ts";
import type { BeanstalkServerStats } from "../beanstalk/beanstalk_server.ts";

/**
 * What a server of the beanstalk protocol has counted.
 *
 * @param server The server.
 */
export function beanstalkMetrics(server: { stats(): BeanstalkServerStats }): MetricSource {
  return () => {
    const stats = server.stats();
    return [
      gauge("sluice_queue_beanstalk_connections", "Beanstalk connections.", stats.connections),
      counter("sluice_queue_beanstalk_refused_total", "Connections refused.", stats.refused),
      counter("sluice_queue_beanstalk_over_limit_total", "Asked beyond a limit.", stats.overLimit),
    ];
  };
}
