import type { Labels } from "./metric.ts";

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An opaque context of OpenTelemetry. */
export type OtelContext = object;

/** What is used of a span. */
export interface OtelSpan {
  isRecording(): boolean;
  recordException(error: Error): void;
  setStatus(status: { code: number; message: string }): void;
  end(): void;
}

/** What is used of an instrument that is read. */
export type OtelObservable = object;

/** What takes values of instruments that are read. */
export interface OtelBatch {
  observe(instrument: OtelObservable, value: number, labels?: Labels): void;
}

/** What instruments are made with. */
export interface OtelInstrumentOptions {
  description: string;
  unit?: string;
  advice?: { explicitBucketBoundaries: number[] };
}

type ReadBatch = (batch: OtelBatch) => void;

/** What is used of a meter. */
export interface OtelMeter {
  createHistogram(
    name: string,
    options: OtelInstrumentOptions,
  ): { record(value: number, labels?: Labels): void };
  createObservableCounter(name: string, options: OtelInstrumentOptions): OtelObservable;
  createObservableGauge(name: string, options: OtelInstrumentOptions): OtelObservable;
  addBatchObservableCallback(read: ReadBatch, instruments: OtelObservable[]): void;
  removeBatchObservableCallback(read: ReadBatch, instruments: OtelObservable[]): void;
}

/** What is used of a tracer. */
export interface OtelTracer {
  startSpan(
    name: string,
    options: { kind: number; attributes?: Attributes },
    context: OtelContext,
  ): OtelSpan;
}

/** What is used of npm:@opentelemetry/api. */
export interface OpenTelemetryApi {
  context: {
    active(): OtelContext;
    with<Result>(context: OtelContext, work: () => Result): Result;
  };
  metrics: { getMeter(name: string): OtelMeter };
  propagation: {
    inject(context: OtelContext, carrier: Record<string, string>): void;
    extract(context: OtelContext, carrier: Record<string, string>): OtelContext;
  };
  trace: {
    getTracer(name: string): OtelTracer;
    setSpan(context: OtelContext, span: OtelSpan): OtelContext;
  };
  ROOT_CONTEXT: OtelContext;
  SpanKind: Record<"INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER", number>;
  SpanStatusCode: { ERROR: number };
}

// Not a literal in the call below, so that the package is fetched only when somebody wants it.
const PACKAGE = "npm:@opentelemetry/api@^1.9.0";

/** Loads npm:@opentelemetry/api. */
export async function loadOpenTelemetryApi(): Promise<OpenTelemetryApi> {
  return await import(PACKAGE);
}
