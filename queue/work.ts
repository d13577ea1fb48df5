/**
 * Workers as a program: `deno run -A queue/work.ts JOBS.ts -c 4`.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import {
  type FlagTable,
  type FlagValues,
  type Log,
  messageOf,
  netOf,
  openTelemetry,
  type Permission,
  type ProgramTelemetry,
  type Progress,
  runProgram,
  serveHttp,
  someOf,
  storePermissions,
  UsageError,
  whenAborted,
  wholeOf,
} from "../program/mod.ts";
import { parseRedisUrl } from "../redis/mod.ts";
import { JobsModuleError, jobsOf } from "./jobs_module.ts";
import { BeanstalkSource, type JobExecutor, type JobRegistry, JobWorker } from "./mod.ts";
import { LocalExecutor } from "./job_executor.ts";
import type { JobSource } from "./mod.ts";
import { openStore, STORES } from "./open_store.ts";
import { decodeMessage, encodeMessage, type FromProcess } from "./process_message.ts";
import { type JobProcess, ProcessPool } from "./process_pool.ts";

const MAX_CONCURRENCY = 1000;

const flags = {
  concurrency: {
    type: "text",
    short: "c",
    default: "auto",
    value: "N|auto",
    help: "jobs that run at a time, each in a process; auto for one a core",
  },
  server: {
    type: "text",
    value: "HOST[:PORT]",
    help: "beanstalk server to take jobs from (default 127.0.0.1:11300)",
  },
  store: { type: "text", value: STORES, help: "store to take jobs from, instead of a server" },
  queue: { type: "text", default: "default", value: "NAME,…", help: "queues to take jobs from" },
  "in-process": {
    type: "boolean",
    help: "run jobs in this process: cheaper, but none can be killed",
  },
  grace: {
    type: "seconds",
    default: 30,
    most: 86_400,
    help: "how long jobs may go on when the worker stops",
  },
  timeout: {
    type: "seconds",
    default: 30,
    least: 1,
    most: 86_400,
    help: "silence after which a process is killed",
  },
  "max-jobs": {
    type: "integer",
    default: 0,
    most: 1_000_000_000,
    help: "jobs after which a process is replaced; 0 for no limit",
  },
  "max-memory": {
    type: "integer",
    default: 0,
    most: 1_048_576,
    value: "MIB",
    help: "memory at which a process is replaced; 0 for no limit",
  },
  http: {
    type: "integer",
    most: 65_535,
    value: "PORT",
    help: "port of metrics on this machine (default none)",
  },
} as const satisfies FlagTable;

const NOTES = `JOBS.ts exports by default what defineJobs({ … }) makes, or exports classes of jobs.
A job that goes on for 5 s after its time is over is killed with its process. SIGTERM and SIGINT
take no more jobs, let those that run end, and give back what is left after --grace.
Exit codes: 0 stopped, 1 failed, 2 wrong flags, config or jobs.`;

interface Call {
  values: FlagValues<typeof flags>;
  log: Log;
  progress: Progress;
  signal: AbortSignal;
  loop: EventLoop;
  /** The URL of the module that defines the jobs. */
  url: string;
  concurrency: number;
}

/** What runs the jobs, and what ends when it can't. */
interface Crew extends AsyncDisposable {
  executor: JobExecutor | undefined;
  /** Resolves when there is nothing left to run jobs. */
  failed: Promise<unknown>;
}

async function openSource({ values, log, loop }: Call): Promise<JobSource & AsyncDisposable> {
  const { server, store: text } = values;
  if (server !== undefined && text !== undefined) {
    throw new UsageError("Cannot use --server and --store together");
  }
  if (text === undefined) return new BeanstalkSource({ ...readServer(server ?? ""), loop });
  const store = await openStore(text, {
    loop,
    onTrouble: (error) => log.warning(`${error.message}; trying again`),
    onRecovery: () => log.info("connected to Redis again"),
  });
  if (store !== null) return store;
  throw new UsageError(`Cannot use --store ${text} as it is not ${STORES}`);
}

function readServer(text: string): { hostname?: string; port?: number } {
  if (text === "") return {};
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (match === null || port === 0 || (port ?? 0) > 65_535) {
    throw new UsageError(`Cannot use --server ${text} as it is not HOST or HOST:PORT`);
  }
  return { hostname: match[1] ?? match[2], port };
}

/** Processes that run jobs are started, and killed when they hang. */
function permissionsFor(values: Call["values"], path: string | undefined): Permission[] {
  const { server, store, "in-process": isAlone } = values;
  const { hostname = "127.0.0.1", port = 11_300 } = readServer(server ?? "");
  return [
    ...store === undefined ? netOf(hostname, port) : [],
    ...storePermissions(store, (url) => parseRedisUrl(url).addresses),
    ...isAlone ? someOf("read", fileOf(path)) : wholeOf("read", "run"),
    // Node's way of starting processes reads this variable.
    ...isAlone ? [] : someOf("env", "NODE_V8_COVERAGE"),
  ];
}

/** The module of the jobs, if it is a file. */
function fileOf(path: string | undefined): string | undefined {
  return path?.includes(":/") ? undefined : path;
}

function readConcurrency(text: string): number {
  if (text === "auto") return navigator.hardwareConcurrency;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_CONCURRENCY) return count;
  throw new UsageError(
    `Cannot use --concurrency ${text} as it must be auto or from 1 to ${MAX_CONCURRENCY}`,
  );
}

/** Processes under a supervisor, which replaces those that die, hang or have done enough. */
async function startProcesses({ values, log, loop, url, concurrency }: Call): Promise<Crew> {
  const { Supervisor } = await import("@sluice/sluice/prefork");
  const pool = new ProcessPool();
  const supervisor = new Supervisor({
    loop,
    workers: concurrency,
    entry: new URL("./job_process.ts", import.meta.url),
    kind: "script",
    share: "none",
    args: [url],
    denoFlags: ["--unstable-kv", "--unstable-net"],
    timeoutMs: values.timeout * 1000,
    maxRequests: values["max-jobs"],
    maxMemoryBytes: values["max-memory"] * 2 ** 20,
    onMessage: (bytes, worker) => {
      const message = decodeMessage<FromProcess>(bytes);
      if (message === null) return;
      const process: JobProcess = {
        pid: worker.pid,
        get willing() {
          return worker.state === "ready";
        },
        send: (message) => void worker.send(encodeMessage(message)),
        kill: (why) => worker.kill(why),
      };
      pool.receive(process, message);
    },
    onLog: ({ level, message, worker }) => {
      // What a process does without being asked is worth a line; that it boots as ordered is not.
      if (level !== "info") {
        log[level](worker === undefined ? message : `process ${worker}: ${message}`);
      }
    },
    onOutput: (line, { worker }) => log.info(`process ${worker}: ${line}`),
    hooks: { workerExit: ({ pid, reason }) => pool.lose(pid, reason) },
  });
  await supervisor.start();
  return {
    executor: pool,
    failed: supervisor.finished,
    [Symbol.asyncDispose]: () => supervisor.drain(),
  };
}

/** This process, in which no job can be killed. */
async function workHere(jobs: JobRegistry, observed: ProgramTelemetry | null): Promise<Crew> {
  let executor: JobExecutor | undefined;
  if (observed !== null) {
    const { observeExecutor } = await import("./telemetry/mod.ts");
    executor = observeExecutor(new LocalExecutor(jobs), observed.telemetry);
  }
  return { executor, failed: new Promise(() => {}), [Symbol.asyncDispose]: async () => {} };
}

async function observe(source: JobSource, { telemetry }: ProgramTelemetry): Promise<JobSource> {
  const { observeJobs } = await import("./telemetry/mod.ts");
  return observeJobs(source, { telemetry });
}

/** Serves metrics, if that is wanted. */
async function serveMetrics(
  { values: { http: port }, log }: Call,
  { worker, observed }: { worker: JobWorker; observed: ProgramTelemetry | null },
): Promise<AsyncDisposable | null> {
  if (observed === null) return null;
  const { workerMetrics } = await import("./telemetry/mod.ts");
  observed.telemetry.watch(workerMetrics(worker));
  if (port === undefined) return null;
  return serveHttp({ hostname: "127.0.0.1", port, log, metrics: observed.prometheus });
}

function tell(worker: JobWorker, log: Log): void {
  const nameOf = ({ name, id }: { name: string; id: number }): string => `job ${id} (${name})`;
  worker.on("success", ({ job, durationMs }) => {
    log.info(`${nameOf(job)}: done after ${Math.round(durationMs)} ms`, { id: job.id });
  });
  worker.on("exception", ({ job, error, delayMs }) => {
    const reason = messageOf(error);
    const next = delayMs === null ? "buried" : `next try in ${(delayMs / 1000).toFixed(1)} s`;
    log.warning(`${nameOf(job)}: attempt ${job.attempt} failed, ${next}: ${reason}`, {
      id: job.id,
    });
  });
  worker.on("error", ({ error }) => {
    log.error(messageOf(error));
  });
}

async function readJobs(url: string): Promise<JobRegistry> {
  let exported: Record<string, unknown>;
  try {
    exported = await import(url);
  } catch (error) {
    const reason = messageOf(error);
    throw new JobsModuleError(url, reason.split("\n")[0]);
  }
  return jobsOf(url, exported);
}

async function work(call: Call): Promise<number> {
  const { values, log, signal, loop, url, concurrency } = call;
  const jobs = await readJobs(url);
  await using opened = await openSource(call);
  const observed = await openTelemetry({
    served: values.http !== undefined,
    loop,
    onMissing: (message) => log.warning(message),
  });
  const source = observed === null ? opened : await observe(opened, observed);
  await using crew = values["in-process"]
    ? await workHere(jobs, observed)
    : await startProcesses(call);
  const tubes = values.queue.split(",").filter(Boolean);
  const { executor } = crew;
  const graceMs = values.grace * 1000;
  const worker = new JobWorker(jobs, { source, tubes, concurrency, executor, graceMs, loop });
  await using _http = await serveMetrics(call, { worker, observed });
  tell(worker, log);
  log.info(`working on ${tubes.join(", ")}, ${concurrency} at a time`);
  await Promise.race([whenAborted(signal), crew.failed]);
  log.info("stopping");
  await stop(worker, call);
  const { succeeded, failed, released } = worker.stats();
  log.info(`stopped: ${succeeded} done, ${failed} failed, ${released} given back`);
  return signal.aborted ? 0 : 1;
}

/** Lets the jobs end that run, and tells how many they are. */
async function stop(worker: JobWorker, { values, progress, loop }: Call): Promise<void> {
  const end = loop.now() + values.grace * 1000;
  using _line = progress.follow(loop, () => {
    const seconds = Math.max(0, Math.ceil((end - loop.now()) / 1000));
    return `stopping: ${worker.stats().running} jobs run on, given back in ${seconds} s`;
  });
  await worker.stop();
}

/** The module of the jobs as a URL; a path is relative to the working directory. */
function urlOf(text: string): string {
  if (URL.canParse(text) && text.includes(":/")) return text;
  return new URL(text, `file://${Deno.cwd()}/`).href;
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "queue/work.ts",
      url: import.meta.url,
      features: ["kv", "net"],
      summary: "Runs jobs that a server or a store holds.",
      usage: ["JOBS.ts [FLAGS]"],
      notes: NOTES,
      usageErrors: [JobsModuleError],
      flags,
      permissions: ({ values, positionals: [path] }) => permissionsFor(values, path),
      main: async ({ values, positionals, log, progress, signal }) => {
        const [path, ...rest] = positionals;
        if (path === undefined || rest.length > 0) {
          throw new UsageError("Cannot work without JOBS.ts, one module that defines the jobs");
        }
        const concurrency = readConcurrency(values.concurrency);
        const onError = (error: unknown): void => log.error(messageOf(error));
        await using loop = new EventLoop({ onError, onFallback: (reason) => log.warning(reason) });
        const url = urlOf(path);
        return await work({ values, log, progress, signal, loop, url, concurrency });
      },
    }),
  );
}
