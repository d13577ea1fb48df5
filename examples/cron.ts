/**
 * A job at set times, pushed once however many programs have the schedule:
 * `deno run -A examples/cron.ts`.
 *
 * @module
 */
import { defineJobs, JobQueue, Scheduler } from "@sluice/sluice/queue";

const jobs = defineJobs({ report: (to: string): void => console.log(`report for ${to}`) });
await using queue = await JobQueue.open(jobs, { path: Deno.args[0] ?? ":memory:" });
queue.work();

using scheduler = new Scheduler(queue);
// The first of six fields is the second.
const timeZone = "Europe/Vienna";
const schedule = scheduler.cron("report", "*/2 * * * * *", { timeZone, data: "the boss" });
console.log(`the next report comes at ${schedule.nextAt!.toISOString()}`);
await new Promise<void>((resolve) => Deno.addSignalListener("SIGINT", resolve));
