/**
 * A process that runs jobs, one at a time; `queue/work.ts` starts as many as jobs may run at a
 * time. Its argument is the URL of the module that defines the jobs.
 *
 * @module
 */
import { type JobExecutor, LocalExecutor } from "./job_executor.ts";
import type { JobRegistry } from "./job_registry.ts";
import { jobsOf } from "./jobs_module.ts";
import { ProcessChild } from "./process_child.ts";
import { decodeMessage, encodeMessage, type ToProcess } from "./process_message.ts";

/** What runs the jobs: observed here, where they are, if that is wanted. */
async function executorOf(jobs: JobRegistry): Promise<JobExecutor> {
  const executor = new LocalExecutor(jobs);
  const { state } = Deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" });
  if (state !== "granted" || Deno.env.get("OTEL_DENO") === undefined) return executor;
  // Loaded only now, as there may be many such processes.
  const { openTelemetry } = await import("../program/mod.ts");
  const observed = await openTelemetry({
    served: false,
    onMissing: (message) => console.error(message),
  });
  if (observed === null) return executor;
  const { observeExecutor } = await import("./telemetry/mod.ts");
  return observeExecutor(executor, observed.telemetry);
}

if (import.meta.main) {
  const { worker } = await import("@sluice/sluice/prefork");
  const [url] = Deno.args;
  const me = await worker();
  const executor = await executorOf(jobsOf(url, await import(url)));
  me.ready();
  const child = new ProcessChild(executor, (message) => void me.send(encodeMessage(message)));
  me.onMessage((bytes) => {
    const message = decodeMessage<ToProcess>(bytes);
    if (message === null) return;
    if (message.kind === "run") me.countRequest();
    void child.receive(message);
  });
  me.onRetire(() => child.whenIdle());
}
