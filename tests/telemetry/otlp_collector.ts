/** A span, as a collector was told of it. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  /** The code is 2 when it has failed. */
  readonly status?: { readonly code?: number };
}

interface Scopes {
  readonly resourceSpans?: readonly { scopeSpans: readonly { spans: CollectedSpan[] }[] }[];
  readonly resourceMetrics?: readonly {
    scopeMetrics: readonly { metrics: { name: string; unit?: string }[] }[];
  }[];
}

/** What takes spans and metrics of OpenTelemetry, by OTLP over HTTP with JSON. */
export class OtlpCollector implements AsyncDisposable {
  /** The spans that have come. */
  readonly spans: CollectedSpan[] = [];
  /** The units of the metrics that have come, by their names. */
  readonly metrics = new Map<string, string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #news = Promise.withResolvers<void>();

  constructor() {
    const at = { hostname: "127.0.0.1", port: 0, onListen: () => undefined };
    this.#server = Deno.serve(at, async (request) => {
      this.#take(await request.json());
      return Response.json({});
    });
  }

  /** What has a program of Deno send here. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /** Waits for a span of a name. */
  async span(name: string): Promise<CollectedSpan> {
    for (;;) {
      const found = this.spans.find((span) => span.name === name);
      if (found !== undefined) return found;
      await this.#news.promise;
    }
  }

  /** Waits for a metric of a name, and gives its unit. */
  async metric(name: string): Promise<string> {
    for (;;) {
      const unit = this.metrics.get(name);
      if (unit !== undefined) return unit;
      await this.#news.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take({ resourceSpans = [], resourceMetrics = [] }: Scopes): void {
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const { name, unit = "" } of metrics) this.metrics.set(name, unit);
      }
    }
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
