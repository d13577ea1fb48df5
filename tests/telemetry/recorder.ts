import type { Histogram, MetricSource, Span, SpanOptions, Telemetry } from "../../telemetry/mod.ts";

/** Writes down what it is told, for tests. */
export class Recorder implements Telemetry {
  readonly traces = true;
  /** Each measure: name, value, labels. */
  readonly measures: [name: string, value: number, labels: Record<string, string>][] = [];
  /** Each span that has begun, and what happened to it. */
  readonly spans: { name: string; options: SpanOptions; events: string[] }[] = [];
  readonly #sources: MetricSource[] = [];

  watch(source: MetricSource): Disposable {
    this.#sources.push(source);
    return { [Symbol.dispose]: () => undefined };
  }

  histogram({ name }: { name: string }): Histogram {
    return { record: (value, labels = {}) => void this.measures.push([name, value, labels]) };
  }

  span(name: string, options: SpanOptions = {}): Span {
    const events: string[] = [];
    this.spans.push({ name, options, events });
    return {
      traceparent: `trace-${this.spans.length}`,
      run: (work) => (events.push("run"), work()),
      fail: (error) => void events.push(`fail ${(error as Error).message}`),
      end: () => void events.push("end"),
    };
  }

  /** The values of all metrics that are watched, by name and labels. */
  values(): Record<string, number> {
    const metrics = this.#sources.flatMap((source) => source());
    return Object.fromEntries(
      metrics.flatMap(({ name, samples }) =>
        samples.map(({ value, labels = {} }) => [[name, ...Object.values(labels)].join(" "), value])
      ),
    );
  }
}
