import type { KvJobInbox } from "../stores/kv_job_inbox.ts";
import { refuseStranger } from "./admission.ts";
import { statusOf } from "./error_status.ts";
import type { FetchHandler, QueueHandlerOptions } from "./http_handler.ts";
import { readBody } from "./read_body.ts";
import { readJobs } from "./read_jobs.ts";
import { RequestError } from "./request_error.ts";

/** Options of {@linkcode inboxHandler}. */
export interface InboxHandlerOptions
  extends Pick<QueueHandlerOptions, "token" | "maxBodyBytes" | "maxJobs"> {
  /** Takes the jobs to their owner. */
  inbox: KvJobInbox;
}

/**
 * Makes a handler of HTTP requests that pushes jobs from where they are not kept: another process
 * or isolate than the owner of the store. `POST /jobs` takes one job or an array of them,
 * as that of `queueHandler` does, and answers 202 with `{"posted":1}` once they are durable.
 *
 * @example Push a job
 * ```ts
 * import { inboxHandler, KvJobInbox } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using inbox = await KvJobInbox.open({ path: ":memory:" });
 * const handler = inboxHandler({ inbox, token: "secret" });
 * const response = await handler(
 *   new Request("http://localhost/jobs", {
 *     method: "POST",
 *     headers: { authorization: "Bearer secret" },
 *     body: JSON.stringify({ job: "hello", data: "Christoph" }),
 *   }),
 * );
 * assertEquals([response.status, await response.json()], [202, { posted: 1 }]);
 * ```
 *
 * @param options See {@linkcode InboxHandlerOptions}.
 * @returns The handler.
 */
export function inboxHandler(options: InboxHandlerOptions): FetchHandler {
  const { inbox, token, maxBodyBytes = 16_777_216, maxJobs = 10_000 } = options;
  return async (request) => {
    const refusal = refuseStranger(request, token);
    if (refusal !== null) return refusal;
    try {
      checkRoute(request);
      const jobs = readJobs(await readBody(request, maxBodyBytes), maxJobs);
      await inbox.post(jobs);
      return Response.json({ posted: jobs.length }, { status: 202 });
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      return Response.json({ error: (error as Error).message }, { status });
    }
  };
}

function checkRoute({ method, url }: Request): void {
  if (method === "POST" && new URL(url).pathname === "/jobs") return;
  throw new RequestError("Cannot serve request as there is nothing like it", { status: 404 });
}
