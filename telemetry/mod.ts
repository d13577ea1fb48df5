/**
 * Metrics and traces: where measurements go, be it Prometheus or OpenTelemetry, and what observes
 * the modules. Nothing is downloaded, measured or kept unless somebody asks for it.
 *
 * @module
 */
export { combineTelemetry } from "./combine_telemetry.ts";
export { intercept } from "./intercept.ts";
export { LabelLimit } from "./label_limit.ts";
export { loopMetrics } from "./loop_metrics.ts";
export {
  counter,
  gauge,
  type Labels,
  type Metric,
  type MetricSource,
  type Sample,
} from "./metric.ts";
export { OpenTelemetry } from "./open_telemetry.ts";
export { PrometheusTelemetry } from "./prometheus_telemetry.ts";
export {
  DURATION_BUCKETS,
  type Histogram,
  type HistogramOptions,
  inSpan,
  LATENCY_BUCKETS,
  NO_SPAN,
  type Span,
  type SpanOptions,
  type Telemetry,
} from "./telemetry.ts";
