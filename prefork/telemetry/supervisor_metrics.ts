import { counter, gauge, type MetricSource, type Sample } from "../../telemetry/mod.ts";
import { RequestMeter } from "../request_meter.ts";
import type { SupervisorStatus, WorkerStatus } from "../supervisor_status.ts";
import type { WorkerState } from "../worker_handle.ts";

const STATES: readonly WorkerState[] = ["booting", "ready", "draining", "retiring", "stopping"];

/**
 * How a supervisor and its workers are doing.
 *
 * @param supervisor The supervisor.
 *
 * @example Metrics of a supervisor
 * ```ts
 * import { Supervisor } from "@sluice/sluice/prefork";
 * import { supervisorMetrics } from "@sluice/sluice/prefork/telemetry";
 * import { PrometheusTelemetry } from "@sluice/sluice/telemetry";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const telemetry = await PrometheusTelemetry.open();
 * telemetry.watch(supervisorMetrics(new Supervisor({ entry: "app.ts", workers: 2 })));
 * assertStringIncludes(await telemetry.text(), "sluice_prefork_workers_wanted 0");
 * ```
 */
export function supervisorMetrics(supervisor: { status(): SupervisorStatus }): MetricSource {
  const meter = new RequestMeter();
  return () => {
    const { size, spares, crashLooping, counts, uptimeMs, workers } = supervisor.status();
    meter.look(uptimeMs, workers);
    const each = (value: (worker: WorkerStatus) => number): Sample[] =>
      workers.map((worker) => ({ value: value(worker), labels: { worker: String(worker.id) } }));
    const states = STATES.map((state) => ({
      value: workers.filter((worker) => worker.state === state).length,
      labels: { state },
    }));
    return [
      gauge("sluice_prefork_workers_wanted", "Workers that there should be.", size),
      gauge("sluice_prefork_workers", "Workers by what they do.", states),
      gauge("sluice_prefork_spares", "Processes that wait to take a worker's place.", spares),
      gauge(
        "sluice_prefork_worker_resident_memory_bytes",
        "Resident memory; of two processes when one follows the other.",
        each(({ rssBytes }) => rssBytes),
      ),
      gauge(
        "sluice_prefork_crash_looping",
        "Whether a worker can't be kept.",
        Number(crashLooping),
      ),
      counter("sluice_prefork_requests_total", "Requests served by all workers.", meter.total),
      counter("sluice_prefork_workers_spawned_total", "Workers started.", counts.spawned),
      counter(
        "sluice_prefork_workers_crashed_total",
        "Workers that ended unasked.",
        counts.crashed,
      ),
      counter("sluice_prefork_workers_killed_total", "Workers killed as they hung.", counts.killed),
      counter("sluice_prefork_boot_failures_total", "Boots that failed.", counts.bootFailures),
      counter("sluice_prefork_reloads_total", "Rolling reloads done.", counts.reloads),
      counter("sluice_prefork_failed_reloads_total", "Reloads given up.", counts.failedReloads),
    ];
  };
}
