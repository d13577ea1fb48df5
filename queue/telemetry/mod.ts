/**
 * Metrics and traces of queues and workers.
 *
 * @module
 */
export { beanstalkMetrics } from "./beanstalk_metrics.ts";
export { observeExecutor } from "./observe_executor.ts";
export { observeJobs, type ObserveJobsOptions } from "./observe_jobs.ts";
export { queueMetrics } from "./queue_metrics.ts";
export { lineMetrics } from "./line_metrics.ts";
export { workerMetrics } from "./worker_metrics.ts";
