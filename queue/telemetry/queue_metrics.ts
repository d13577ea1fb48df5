import { counter, gauge, LabelLimit, type MetricSource, type Sample } from "../../telemetry/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { JobTotals } from "../store_stats.ts";

const STATES = ["ready", "delayed", "reserved", "buried"] as const;

const TOTALS: Readonly<Record<keyof JobTotals, readonly [name: string, help: string]>> = {
  pushed: ["jobs_pushed", "Jobs stored."],
  duplicates: ["jobs_duplicate", "Jobs not stored, as their key was taken."],
  completed: ["jobs_completed", "Jobs completed."],
  deleted: ["jobs_deleted", "Jobs deleted otherwise."],
  expired: ["jobs_expired", "Jobs dropped as they had waited too long."],
  reserves: ["jobs_reserved", "Reservations."],
  timeouts: ["jobs_timed_out", "Reservations that ran out, or whose holder was lost."],
  releases: ["jobs_released", "Jobs given back."],
  buries: ["jobs_buried", "Jobs buried."],
  kicks: ["jobs_kicked", "Jobs kicked."],
};

/**
 * What a store holds and has counted, queue by queue; of more than 100 queues the further ones are
 * `other`. Counters are of the whole store, as a queue's own end when it is empty.
 *
 * @param store The store.
 */
export function queueMetrics(store: Pick<JobStore, "stats" | "tubes" | "tubeStats">): MetricSource {
  const limit = new LabelLimit();
  return () => {
    const { totals, ...stats } = store.stats();
    const counters = Object.entries(TOTALS).map(([key, [name, help]]) =>
      counter(`sluice_queue_${name}_total`, help, totals[key as keyof JobTotals])
    );
    return [
      gauge("sluice_queue_jobs", "Jobs by queue and state.", jobsByTube(store, limit)),
      gauge("sluice_queue_tubes", "Queues that hold jobs, or are paused.", stats.tubes),
      gauge("sluice_queue_waiting_workers", "Calls that wait for a job.", stats.waiting),
      gauge("sluice_queue_pending_bytes", "Pushed and not yet durable.", stats.pendingBytes),
      ...counters,
      counter(
        "sluice_queue_stale_leases_total",
        "Reservations that were over, yet used again.",
        stats.staleLeases,
      ),
    ];
  };
}

function jobsByTube(store: Pick<JobStore, "tubes" | "tubeStats">, limit: LabelLimit): Sample[] {
  const sums = new Map<string, Sample>();
  for (const name of store.tubes()) {
    const stats = store.tubeStats(name);
    if (stats === null) continue;
    const tube = limit.label(name);
    for (const state of STATES) {
      const key = `${state} ${tube}`;
      const value = (sums.get(key)?.value ?? 0) + stats[state];
      sums.set(key, { value, labels: { tube, state } });
    }
  }
  return [...sums.values()];
}
