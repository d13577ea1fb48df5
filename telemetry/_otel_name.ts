/** A metric's name and unit, as OpenTelemetry has them. */
export interface OtelName {
  /** The name. */
  readonly name: string;
  /** The unit, if it has one. */
  readonly unit?: string;
}

const UNITS = { _seconds: "s", _bytes: "By" } as const;

/** `sluice_loop_phase_seconds_total` as `sluice_loop_phase` in `s`. */
export function otelName(prometheusName: string): OtelName {
  const name = prometheusName.replace(/_total$/, "");
  for (const [suffix, unit] of Object.entries(UNITS)) {
    if (name.endsWith(suffix)) return { name: name.slice(0, -suffix.length), unit };
  }
  return { name };
}
