import { counter, gauge, type MetricSource } from "../../telemetry/mod.ts";
import type { JobWorkerStats } from "../worker_events.ts";

/**
 * What a worker does and has done.
 *
 * @param worker The worker.
 */
export function workerMetrics(worker: { stats(): JobWorkerStats }): MetricSource {
  return () => {
    const stats = worker.stats();
    return [
      gauge("sluice_worker_jobs_running", "Jobs that are running.", stats.running),
      gauge("sluice_worker_jobs_waiting", "Jobs reserved and not yet running.", stats.waiting),
      counter("sluice_worker_jobs_succeeded_total", "Jobs that have returned.", stats.succeeded),
      counter("sluice_worker_jobs_failed_total", "Attempts that have failed.", stats.failed),
      counter("sluice_worker_jobs_timed_out_total", "Jobs aborted, time over.", stats.timeouts),
      counter(
        "sluice_worker_jobs_abandoned_total",
        "Of these, those that went on.",
        stats.abandoned,
      ),
      counter("sluice_worker_jobs_released_total", "Jobs given back at the end.", stats.released),
    ];
  };
}
