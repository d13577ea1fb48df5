import { loadPromClient, type PromClient, type PromRegistry } from "./_prom_client.ts";
import type { Metric, MetricSource } from "./metric.ts";
import {
  type Histogram,
  type HistogramOptions,
  LATENCY_BUCKETS,
  NO_SPAN,
  type Span,
  type Telemetry,
} from "./telemetry.ts";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Metrics for Prometheus, which comes and reads them. Counters are read from
 * what is observed when it comes; only histograms are kept here. Its client,
 * npm:prom-client, is loaded by {@linkcode PrometheusTelemetry.open}.
 *
 * @example Serve metrics
 * ```ts
 * import { counter, PrometheusTelemetry } from "@sluice/sluice/telemetry";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const telemetry = await PrometheusTelemetry.open();
 * let visits = 0;
 * telemetry.watch(() => [counter("shop_visits_total", "Visits so far.", visits)]);
 * visits += 3;
 * const response = await telemetry.respond();
 * assertStringIncludes(await response.text(), "shop_visits_total 3");
 * ```
 */
export class PrometheusTelemetry implements Telemetry {
  /** Prometheus knows no spans. */
  readonly traces = false;
  readonly #client: PromClient;
  readonly #kept: PromRegistry;
  readonly #histograms = new Map<string, Histogram>();
  readonly #sources = new Set<MetricSource>();

  private constructor(client: PromClient) {
    this.#client = client;
    this.#kept = new client.Registry();
  }

  /** Loads the client. */
  static async open(): Promise<PrometheusTelemetry> {
    return new PrometheusTelemetry(await loadPromClient());
  }

  /** Reads metrics whenever Prometheus comes; those of one name and labels are added up. */
  watch(source: MetricSource): Disposable {
    this.#sources.add(source);
    return { [Symbol.dispose]: () => void this.#sources.delete(source) };
  }

  /** A histogram; the same one for the same name. */
  histogram({ name, help, labels = [], buckets = LATENCY_BUCKETS }: HistogramOptions): Histogram {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      const options = { name, help, labelNames: labels, buckets, registers: [this.#kept] };
      const kept = new this.#client.Histogram(options);
      histogram = { record: (value, labels = {}) => kept.observe(labels, value) };
      this.#histograms.set(name, histogram);
    }
    return histogram;
  }

  /** Records nothing. */
  span(): Span {
    return NO_SPAN;
  }

  /** All metrics in the text format (version 0.0.4). */
  async text(): Promise<string> {
    const read = new this.#client.Registry();
    for (const metric of this.#read().values()) {
      const { name, help, samples } = metric;
      const labelNames = [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
      const Kind = metric.type === "counter" ? this.#client.Counter : this.#client.Gauge;
      const written = new Kind({ name, help, labelNames, registers: [read] });
      for (const { value, labels = {} } of samples) written.inc(labels, value);
    }
    return await read.metrics() + await this.#kept.metrics();
  }

  /** What `GET /metrics` is answered. */
  async respond(): Promise<Response> {
    return new Response(await this.text(), { headers: { "content-type": TYPE } });
  }

  #read(): Map<string, Metric> {
    const metrics = new Map<string, Metric>();
    for (const metric of [...this.#sources].flatMap((source) => source())) {
      const known = metrics.get(metric.name);
      const samples = [...known?.samples ?? [], ...metric.samples];
      metrics.set(metric.name, { ...metric, samples });
    }
    return metrics;
  }
}
