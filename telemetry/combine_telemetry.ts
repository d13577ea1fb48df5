import { NO_SPAN, type Telemetry } from "./telemetry.ts";

/**
 * Sends measurements to several places. Spans go to the first that records them.
 *
 * @param all The places.
 */
export function combineTelemetry(all: readonly Telemetry[]): Telemetry {
  return {
    traces: all.some(({ traces }) => traces),
    watch(source) {
      const watches = all.map((each) => each.watch(source));
      return { [Symbol.dispose]: () => watches.forEach((watch) => watch[Symbol.dispose]()) };
    },
    histogram(options) {
      const histograms = all.map((each) => each.histogram(options));
      if (histograms.length === 1) return histograms[0]!;
      return {
        record: (value, labels) => {
          for (const histogram of histograms) histogram.record(value, labels);
        },
      };
    },
    span(name, options) {
      for (const each of all) {
        const span = each.span(name, options);
        if (span !== NO_SPAN) return span;
      }
      return NO_SPAN;
    },
  };
}
