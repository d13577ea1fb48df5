import type { SupervisorStatus } from "./supervisor_status.ts";
import type { WorkerState } from "./worker_handle.ts";

const STATES: readonly WorkerState[] = ["booting", "ready", "draining", "retiring", "stopping"];

/** One metric: its kind, what it says, and a value for each set of labels. */
interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly values: readonly (readonly [labels: string, value: number])[];
}

/** Writes a status in Prometheus' text format (version 0.0.4). */
export function prometheusText(status: SupervisorStatus): string {
  return metricsOf(status).map(write).join("");
}

function metricsOf(status: SupervisorStatus): Metric[] {
  const { workers, counts } = status;
  const each = (value: (worker: typeof workers[number]) => number): [string, number][] =>
    workers.map((worker) => [`{worker="${worker.id}",pid="${worker.pid}"}`, value(worker)]);
  const gauge = (name: string, help: string, values: Metric["values"]): Metric => {
    return { name, type: "gauge", help, values };
  };
  const counter = (name: string, help: string, value: number): Metric => {
    return { name, type: "counter", help, values: [["", value]] };
  };
  return [
    gauge("workers_wanted", "Workers that there should be.", [["", status.size]]),
    gauge(
      "workers",
      "Workers by what they do.",
      STATES.map((state) => [
        `{state="${state}"}`,
        workers.filter((worker) => worker.state === state).length,
      ]),
    ),
    gauge("worker_resident_memory_bytes", "Resident memory.", each(({ rssBytes }) => rssBytes)),
    gauge("worker_requests", "Requests served by a process.", each(({ requests }) => requests)),
    gauge("worker_uptime_seconds", "Age of a process.", each(({ uptimeMs }) => uptimeMs / 1000)),
    gauge("crash_looping", "Whether a worker can't be kept alive.", [
      ["", Number(status.crashLooping)],
    ]),
    counter("workers_spawned_total", "Workers started.", counts.spawned),
    counter("workers_crashed_total", "Workers that ended unasked.", counts.crashed),
    counter("workers_killed_total", "Workers killed as they hung.", counts.killed),
    counter("boot_failures_total", "Boots that failed.", counts.bootFailures),
    counter("reloads_total", "Rolling reloads done.", counts.reloads),
    counter("failed_reloads_total", "Rolling reloads given up.", counts.failedReloads),
  ];
}

function write({ name, type, help, values }: Metric): string {
  const full = `sluice_prefork_${name}`;
  const lines = values.map(([labels, value]) => `${full}${labels} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}
