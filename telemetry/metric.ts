/** What tells the samples of a metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  /** The value. */
  readonly value: number;
  /**
   * What it is the value of.
   *
   * @default {none}
   */
  readonly labels?: Labels;
}

/** A metric that is read when somebody asks for it. */
export interface Metric {
  /**
   * Its name by the conventions of Prometheus: `sluice_`, the module, what it is, the unit, and
   * `_total` when it only grows.
   */
  readonly name: string;
  /** What it says, in a sentence. */
  readonly help: string;
  /** Whether it only grows, or goes up and down. */
  readonly type: "counter" | "gauge";
  /** Its values now. */
  readonly samples: readonly Sample[];
}

/** Reads metrics: the same ones at each call, with their values now. */
export type MetricSource = () => readonly Metric[];

/**
 * A metric that only grows.
 *
 * @param name Its name, which ends with `_total`.
 * @param help What it says.
 * @param value Its value, or one for each set of labels.
 */
export function counter(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name, help, type: "counter", samples: samplesOf(value) };
}

/**
 * A metric that goes up and down.
 *
 * @param name Its name.
 * @param help What it says.
 * @param value Its value, or one for each set of labels.
 */
export function gauge(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name, help, type: "gauge", samples: samplesOf(value) };
}

function samplesOf(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === "number" ? [{ value }] : value;
}
