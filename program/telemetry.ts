import { type EventLoop, SystemClock } from "../loop/mod.ts";
import {
  combineTelemetry,
  gauge,
  loopMetrics,
  type MetricSource,
  OpenTelemetry,
  PrometheusTelemetry,
  type Telemetry,
} from "../telemetry/mod.ts";
import { messageOf } from "./message_of.ts";
import { version } from "./version.ts";

/** Options of {@linkcode openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Whether Prometheus can come: whether the program serves HTTP. */
  served: boolean;
  /**
   * The loop of the program.
   *
   * @default {none is observed}
   */
  loop?: EventLoop;
  /** Told of what can't be loaded; the program goes on without it. */
  onMissing: (message: string) => void;
}

/** Where the measurements of a program go. */
export interface ProgramTelemetry {
  /** All of them. */
  readonly telemetry: Telemetry;
  /** What `GET /metrics` is answered by; `null` when it is not served. */
  readonly prometheus: PrometheusTelemetry | null;
}

/**
 * Opens what a program is observed by: Prometheus when it serves HTTP, and
 * OpenTelemetry when `OTEL_DENO` is `true`, which has Deno export it.
 *
 * @returns `null` when nobody looks, so that nothing is to be observed.
 */
export async function openTelemetry(
  { served, loop, onMissing }: OpenTelemetryOptions,
): Promise<ProgramTelemetry | null> {
  const load = async <Kind>(what: string, open: () => Promise<Kind>): Promise<Kind | null> => {
    try {
      return await open();
    } catch (error) {
      const [reason] = messageOf(error).split("\n");
      onMissing(`Cannot ${what} as its client can't be loaded: ${reason}`);
      return null;
    }
  };
  const prometheus = served ? await load("serve metrics", PrometheusTelemetry.open) : null;
  const exported = isExported() ? await load("export telemetry", OpenTelemetry.open) : null;
  const all = [prometheus, exported].filter((each) => each !== null);
  if (all.length === 0) return null;
  const telemetry = combineTelemetry(all);
  telemetry.watch(processMetrics);
  if (loop !== undefined) telemetry.watch(loopMetrics(loop));
  return { telemetry, prometheus };
}

/** Whether Deno exports what OpenTelemetry is told. */
function isExported(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" });
  return state === "granted" && ["true", "1"].includes(Deno.env.get("OTEL_DENO") ?? "");
}

const clock = new SystemClock();

const processMetrics: MetricSource = () => {
  const { rss, heapUsed } = Deno.memoryUsage();
  const startedAt = (clock.wallMs() - clock.monotonicMs()) / 1000;
  return [
    gauge("sluice_info", "The version of the program.", [{ value: 1, labels: { version } }]),
    gauge("process_resident_memory_bytes", "Resident memory.", rss),
    gauge("process_heap_bytes", "Memory that JavaScript uses.", heapUsed),
    gauge("process_start_time_seconds", "When it started, since the Unix epoch.", startedAt),
  ];
};
