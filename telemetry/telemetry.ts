import type { Labels, MetricSource } from "./metric.ts";

/** Options of {@linkcode Telemetry.histogram}. */
export interface HistogramOptions {
  /** Its name by the conventions of Prometheus, with the unit at its end: `…_seconds`. */
  readonly name: string;
  /** What it says, in a sentence. */
  readonly help: string;
  /**
   * The names of its labels.
   *
   * @default {none}
   */
  readonly labels?: readonly string[];
  /**
   * The upper bounds of its buckets.
   *
   * @default {LATENCY_BUCKETS}
   */
  readonly buckets?: readonly number[];
}

/** Counts how often a measure falls between which bounds. */
export interface Histogram {
  /** Takes a measure, with a value for each of the labels. */
  record(value: number, labels?: Labels): void;
}

/** Options of {@linkcode Telemetry.span}. */
export interface SpanOptions {
  /**
   * What it is to others.
   *
   * @default {"internal"}
   */
  readonly kind?: "internal" | "server" | "client" | "producer" | "consumer";
  /**
   * What is known about it.
   *
   * @default {nothing}
   */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /**
   * What it belongs to, as another process has told it: a `traceparent` of W3C Trace Context.
   *
   * @default {the span under way}
   */
  readonly parent?: string;
}

/** Something that takes time, as part of a trace. */
export interface Span {
  /** What tells another process of it: a `traceparent`; `undefined` when nobody records it. */
  readonly traceparent: string | undefined;
  /** Does work as a part of it, so that spans begun there belong to it. */
  run<Result>(work: () => Result): Result;
  /** It fails. */
  fail(error: unknown): void;
  /** It is over. */
  end(): void;
}

/**
 * Where measurements go. Modules know no more of telemetry than this; what
 * observes them takes it, so that they cost nothing when nobody does.
 */
export interface Telemetry {
  /** Whether spans are recorded; where they are not, nobody needs to begin any. */
  readonly traces: boolean;
  /**
   * Reads metrics whenever somebody asks for them.
   *
   * @returns Ends that.
   */
  watch(source: MetricSource): Disposable;
  /** A histogram; the same one for the same name. */
  histogram(options: HistogramOptions): Histogram;
  /** Begins a span. */
  span(name: string, options?: SpanOptions): Span;
}

/** Bounds for what takes from a tenth of a millisecond to ten seconds. */
export const LATENCY_BUCKETS: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10],
];

/** Bounds for what takes from a millisecond to an hour. */
export const DURATION_BUCKETS: readonly number[] = [
  ...[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600],
];

/** A span that nobody records. */
export const NO_SPAN: Span = {
  traceparent: undefined,
  run: (work) => work(),
  fail: () => undefined,
  end: () => undefined,
};

/**
 * Does work as a span, which ends with it and fails when it does.
 *
 * @param span The span.
 * @param work The work.
 * @returns What it comes to.
 */
export async function inSpan<Result>(
  span: Span,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await span.run(work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
