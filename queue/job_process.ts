/**
 * A process that runs jobs, one at a time; `queue/work.ts` starts as many as jobs may run at a
 * time. Its argument is the URL of the module that defines the jobs.
 *
 * @module
 */
import { jobsOf } from "./jobs_module.ts";
import { ProcessChild } from "./process_child.ts";
import { decodeMessage, encodeMessage, type ToProcess } from "./process_message.ts";

if (import.meta.main) {
  const { worker } = await import("@sluice/sluice/prefork");
  const [url] = Deno.args;
  const me = await worker();
  const jobs = jobsOf(url, await import(url));
  me.ready();
  const child = new ProcessChild(jobs, (message) => void me.send(encodeMessage(message)));
  me.onMessage((bytes) => {
    const message = decodeMessage<ToProcess>(bytes);
    if (message === null) return;
    if (message.kind === "run") me.countRequest();
    void child.receive(message);
  });
  me.onRetire(() => child.whenIdle());
}
