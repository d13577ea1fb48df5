/**
 * A job that fails, through its attempts into the dead letters, and kicked back once what it needs
 * is there again: `deno run -A examples/failing.ts`.
 *
 * @module
 */
import { defineJobs, type JobFailedError, JobQueue } from "@sluice/sluice/queue";

let isServerUp = false;

const jobs = defineJobs({
  mail: {
    run: (to: string): string => {
      if (!isServerUp) throw new TypeError("The mail server is down");
      return `sent to ${to}`;
    },
    maxAttempts: 3,
    backoff: 100,
  },
});
await using queue = await JobQueue.open(jobs, { path: ":memory:" });
queue.work().on("exception", ({ job, error, delayMs }) => {
  const next = delayMs === null ? "buried" : `again in ${delayMs} ms`;
  console.log(`attempt ${job.attempt}: ${(error as Error).message}, ${next}`);
});

const job = await queue.push("mail", "Christoph");
await job.result().catch((error: JobFailedError) => console.log(error.message));
const [letter] = await queue.store.list(queue.name, { state: "buried" });
console.log(`dead letter ${letter.id}: ${letter.reason}`);

isServerUp = true;
await queue.store.kick(queue.name, 1);
console.log(await job.result());
