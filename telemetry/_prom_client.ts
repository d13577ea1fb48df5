import type { Labels } from "./metric.ts";

/** What is used of a registry of npm:prom-client. */
export interface PromRegistry {
  metrics(): Promise<string>;
}

/** What is used of its metrics. */
export interface PromOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
  registers: readonly PromRegistry[];
}

/** What is used of npm:prom-client. */
export interface PromClient {
  Registry: new () => PromRegistry;
  Counter: new (options: PromOptions) => { inc(labels: Labels, value: number): void };
  Gauge: new (options: PromOptions) => { inc(labels: Labels, value: number): void };
  Histogram: new (options: PromOptions & { buckets: readonly number[] }) => {
    observe(labels: Labels, value: number): void;
  };
}

// Not a literal in the call below, so that the package is fetched only when metrics are served.
const PACKAGE = "npm:prom-client@^15.1.3";

/** Loads npm:prom-client. */
export async function loadPromClient(): Promise<PromClient> {
  const module: { default: PromClient } = await import(PACKAGE);
  return module.default;
}
