import { inSpan, type Telemetry } from "../../telemetry/mod.ts";
import type { JobExecutor } from "../job_executor.ts";

/**
 * Observes what runs jobs: each run is a span, of the trace that the job was pushed in, and what
 * the job does belongs to it.
 *
 * @param executor What runs jobs.
 * @param telemetry Where measurements go.
 * @returns What to use in its place.
 */
export function observeExecutor(executor: JobExecutor, telemetry: Telemetry): JobExecutor {
  return {
    run: (body, ctx) => {
      const span = telemetry.span("queue run", {
        kind: "consumer",
        parent: body.traceparent,
        attributes: {
          "sluice.job.name": ctx.name,
          "messaging.message.id": String(ctx.id),
          "sluice.job.attempt": ctx.attempt,
        },
      });
      return inSpan(span, () => executor.run(body, ctx));
    },
    kill: executor.kill && ((id) => executor.kill!(id)),
  };
}
