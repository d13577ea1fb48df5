import {
  loadOpenTelemetryApi,
  type OpenTelemetryApi,
  type OtelBatch,
  type OtelContext,
  type OtelMeter,
  type OtelObservable,
  type OtelSpan,
  type OtelTracer,
} from "./_open_telemetry_api.ts";
import { type OtelName, otelName } from "./_otel_name.ts";
import type { Metric, MetricSource } from "./metric.ts";
import {
  type Histogram,
  type HistogramOptions,
  LATENCY_BUCKETS,
  NO_SPAN,
  type Span,
  type SpanOptions,
  type Telemetry,
} from "./telemetry.ts";

const SCOPE = "@sluice/sluice";
const KINDS = {
  internal: "INTERNAL",
  server: "SERVER",
  client: "CLIENT",
  producer: "PRODUCER",
  consumer: "CONSUMER",
} as const;

/**
 * Spans and metrics for OpenTelemetry: for whichever SDK is registered with
 * its API, such as the one that `OTEL_DENO=true` puts into Deno. Without any,
 * nothing is recorded. npm:@opentelemetry/api is loaded by
 * {@linkcode OpenTelemetry.open}.
 *
 * Metrics have the names that its exporters for Prometheus turn into those
 * that {@linkcode PrometheusTelemetry} writes.
 *
 * @example A span
 * ```ts
 * import { inSpan, OpenTelemetry } from "@sluice/sluice/telemetry";
 * import { assertEquals } from "@std/assert";
 *
 * const telemetry = await OpenTelemetry.open();
 * assertEquals(await inSpan(telemetry.span("add"), () => 1 + 1), 2);
 * ```
 */
export class OpenTelemetry implements Telemetry {
  /** Spans are recorded, if there is an SDK. */
  readonly traces = true;
  readonly #api: OpenTelemetryApi;
  readonly #tracer: OtelTracer;
  readonly #meter: OtelMeter;

  private constructor(api: OpenTelemetryApi) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(SCOPE);
    this.#meter = api.metrics.getMeter(SCOPE);
  }

  /** Loads the API. */
  static async open(): Promise<OpenTelemetry> {
    return new OpenTelemetry(await loadOpenTelemetryApi());
  }

  /** Reads metrics whenever the SDK collects. */
  watch(source: MetricSource): Disposable {
    const instruments = new Map(source().map((metric) => [metric.name, this.#observable(metric)]));
    const read = (batch: OtelBatch): void => {
      for (const { name, samples } of source()) {
        const instrument = instruments.get(name);
        if (instrument === undefined) continue;
        for (const { value, labels } of samples) batch.observe(instrument, value, labels);
      }
    };
    const all = [...instruments.values()];
    this.#meter.addBatchObservableCallback(read, all);
    return {
      [Symbol.dispose]: () => this.#meter.removeBatchObservableCallback(read, all),
    };
  }

  /** A histogram. */
  histogram({ name, help, buckets = LATENCY_BUCKETS }: HistogramOptions): Histogram {
    const { name: short, unit } = otelName(name);
    return this.#meter.createHistogram(short, {
      description: help,
      unit,
      advice: { explicitBucketBoundaries: [...buckets] },
    });
  }

  /** Begins a span. */
  span(name: string, { kind = "internal", attributes, parent }: SpanOptions = {}): Span {
    const { context, propagation, trace, SpanKind } = this.#api;
    const around = parent === undefined
      ? context.active()
      : propagation.extract(this.#api.ROOT_CONTEXT, { traceparent: parent });
    const options = { kind: SpanKind[KINDS[kind]], attributes };
    const span = this.#tracer.startSpan(name, options, around);
    if (!span.isRecording()) return NO_SPAN;
    return new RecordedSpan(this.#api, { span, context: trace.setSpan(around, span) });
  }

  #observable({ name, help, type }: Metric): OtelObservable {
    const { name: short, unit }: OtelName = otelName(name);
    const options = { description: help, unit };
    return type === "counter"
      ? this.#meter.createObservableCounter(short, options)
      : this.#meter.createObservableGauge(short, options);
  }
}

class RecordedSpan implements Span {
  readonly #api: OpenTelemetryApi;
  readonly #span: OtelSpan;
  readonly #context: OtelContext;

  constructor(api: OpenTelemetryApi, parts: { span: OtelSpan; context: OtelContext }) {
    this.#api = api;
    this.#span = parts.span;
    this.#context = parts.context;
  }

  get traceparent(): string | undefined {
    const carrier: Record<string, string> = {};
    this.#api.propagation.inject(this.#context, carrier);
    return carrier.traceparent;
  }

  run<Result>(work: () => Result): Result {
    return this.#api.context.with(this.#context, work);
  }

  fail(error: unknown): void {
    const failure = error instanceof Error ? error : new TypeError(String(error));
    this.#span.recordException(failure);
    this.#span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: failure.message });
  }

  end(): void {
    this.#span.end();
  }
}
