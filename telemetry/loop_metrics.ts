import type { EventLoop } from "../loop/mod.ts";
import { counter, gauge, type MetricSource } from "./metric.ts";

/**
 * How busy an event loop is.
 *
 * @param loop The loop.
 */
export function loopMetrics(loop: EventLoop): MetricSource {
  return () => {
    const { iterations, callbacks, timers, errors, lagMs, phaseMs } = loop.stats();
    const phases = Object.entries(phaseMs).map(([phase, ms]) => ({
      value: ms / 1000,
      labels: { phase },
    }));
    return [
      counter("sluice_loop_iterations_total", "Iterations of the event loop.", iterations),
      counter("sluice_loop_callbacks_total", "Callbacks called.", callbacks),
      counter("sluice_loop_timers_total", "Timers fired.", timers),
      counter("sluice_loop_errors_total", "Callbacks and timers that threw.", errors),
      counter("sluice_loop_phase_seconds_total", "Time in each phase, estimated.", phases),
      gauge("sluice_loop_timer_lag_seconds", "How late timers fired, the mean.", lagMs.mean / 1000),
      gauge("sluice_loop_timer_lag_worst_seconds", "The same, the worst.", lagMs.max / 1000),
    ];
  };
}
