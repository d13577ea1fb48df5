import type { PrometheusTelemetry } from "../telemetry/mod.ts";
import type { SupervisorStatus } from "./supervisor_status.ts";

/** The metrics of the control endpoint, loaded when somebody first asks: they cost memory. */
export class LazyMetrics {
  readonly #supervisor: { status(): SupervisorStatus };
  #telemetry: Promise<PrometheusTelemetry> | null = null;

  /**
   * @param supervisor Whom they are of.
   */
  constructor(supervisor: { status(): SupervisorStatus }) {
    this.#supervisor = supervisor;
  }

  /** Answers a request for them. */
  async respond(): Promise<Response> {
    const telemetry = await (this.#telemetry ??= this.#load());
    return await telemetry.respond();
  }

  async #load(): Promise<PrometheusTelemetry> {
    const { PrometheusTelemetry } = await import("../telemetry/mod.ts");
    const { supervisorMetrics } = await import("./telemetry/mod.ts");
    const telemetry = await PrometheusTelemetry.open();
    telemetry.watch(supervisorMetrics(this.#supervisor));
    return telemetry;
  }
}
