/**
 * Jobs for the worker: `deno run -A queue/work.ts examples/jobs.ts -c 2`.
 *
 * @module
 */
import { defineJobs, type JobContext } from "@sluice/sluice/queue";

/** How long the job that doesn't end by itself looks away. */
const PAUSE_MS = 100;

export default defineJobs({
  /** Says hello. */
  hello: (name: string): void => console.log(`Hello ${name}`),
  /** Works for so many milliseconds, and tells how far it is. */
  work: async (durationMs: number, ctx: JobContext): Promise<string> => {
    for (let done = 0; done < durationMs; done += PAUSE_MS) {
      ctx.signal.throwIfAborted();
      ctx.progress(done / durationMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return `worked for ${durationMs} ms`;
  },
  /** Fails each time, and is buried after the third. */
  fail: {
    run: (_: null): void => {
      throw new TypeError("No luck");
    },
    maxAttempts: 3,
    backoff: 1000,
  },
  /** Ends its process. */
  die: { run: (_: null): void => Deno.exit(9), maxAttempts: 2, backoff: 100 },
  /** Heeds nothing, and is killed. */
  hang: {
    run: (_: null): void => {
      for (;;);
    },
    timeoutMs: 1000,
    maxAttempts: 1,
  },
});
