/**
 * The job server as a program: `deno run -A queue/server.ts`.
 *
 * @module
 */
import { EventLoop, formatAddress } from "../loop/mod.ts";
import {
  type FlagValues,
  type Log,
  netOf,
  openTelemetry,
  type Permission,
  type ProgramTelemetry,
  type Progress,
  readToken,
  runProgram,
  serveHttp,
  someOf,
  storePermissions,
  UsageError,
  whenAborted,
} from "../program/mod.ts";
import { isRedisUrl, parseRedisUrl } from "../redis/mod.ts";
import {
  BeanstalkServer,
  type JobStore,
  LineServer,
  queueHandler,
  type ServerIdentity,
  type StoreStats,
} from "./mod.ts";
import { openStore, STORES } from "./open_store.ts";
import { SERVER_FLAGS } from "./server_flags.ts";

const NOTES = `One job a line: {"job":"resize","data":{"url":"…"}}
Exit codes: 0 stopped, 1 failed, 2 wrong flags or config.`;

type Values = FlagValues<typeof SERVER_FLAGS>;

interface Call {
  values: Values;
  log: Log;
  progress: Progress;
  signal: AbortSignal;
}

async function open({ values, log }: Call, loop: EventLoop): Promise<JobStore> {
  const store = await openStore(values.store, {
    loop,
    maxJobs: values["max-jobs"],
    onTrouble: (error) => log.warning(`${error.message}; trying again`),
    onRecovery: () => log.info("connected to Redis again"),
  });
  if (store !== null) return store;
  throw new UsageError(`Cannot use --store ${values.store} as it is not ${STORES}`);
}

/** A store as it may be shown: without user and password. */
function displayOf(store: string): string {
  return isRedisUrl(store) ? parseRedisUrl(store).display : store;
}

/** `CLASS=JOB,…` as an object; a class without a name is its own. */
function readPhpJobs(text: string | undefined): Record<string, string> {
  const entries = (text ?? "").split(",").filter(Boolean).map((entry) => {
    const [name, job = name, ...rest] = entry.split("=");
    if (name === "" || job === "" || rest.length > 0) {
      throw new UsageError(`Cannot use --php-jobs ${entry} as it is not CLASS=JOB`);
    }
    return [name, job];
  });
  return Object.fromEntries(entries);
}

function describe({ ready, delayed, reserved, buried, totals }: StoreStats): string {
  return `ready=${ready} delayed=${delayed} reserved=${reserved} buried=${buried} ` +
    `pushed=${totals.pushed} completed=${totals.completed}`;
}

/** What has failed, and what that came from: a full disk is told by the cause alone. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  const isTold = !(cause instanceof Error) || message.includes(cause.message);
  return isTold ? message : `${message}: ${cause.message}`;
}

function permissionsFor(values: Values): Permission[] {
  const { hostname, line, beanstalk, http, store, token } = values;
  return [
    ...netOf(hostname, line, beanstalk, http),
    ...storePermissions(store, (url) => parseRedisUrl(url).addresses),
    ...someOf("read", token),
  ];
}

function identify(): ServerIdentity {
  const isKnown = Deno.permissions.querySync({ name: "sys" }).state === "granted";
  return {
    pid: Deno.pid,
    hostname: isKnown ? Deno.hostname() : "",
    os: isKnown ? Deno.osRelease() : Deno.build.os,
    platform: Deno.build.arch,
  };
}

/** SIGUSR1 makes the server refuse new jobs, as it does with the reference server. */
function drainOnSignal(
  server: BeanstalkServer,
  { store, loop }: { store: JobStore; loop: EventLoop },
  { log, progress }: Call,
): Disposable {
  const stack = new DisposableStack();
  if (Deno.build.os === "windows") return stack;
  const drain = (): void => {
    if (server.draining) return;
    server.drain();
    log.info("draining: new jobs are refused");
    const line = stack.use(progress.follow(loop, () => `draining: ${left(store.stats())}`));
    const watch = loop.every(1000, () => {
      const { ready, delayed, reserved } = store.stats();
      if (ready + delayed + reserved > 0) return;
      watch.cancel();
      line[Symbol.dispose]();
      log.info("drained: no jobs are left to do");
    });
  };
  Deno.addSignalListener("SIGUSR1", drain);
  stack.defer(() => Deno.removeSignalListener("SIGUSR1", drain));
  return stack;
}

function left({ ready, delayed, reserved }: StoreStats): string {
  return `${ready} jobs ready, ${delayed} delayed, ${reserved} reserved`;
}

async function observe(store: JobStore, { telemetry }: ProgramTelemetry): Promise<JobStore> {
  const { observeJobs, queueMetrics } = await import("./telemetry/mod.ts");
  telemetry.watch(queueMetrics(store));
  return observeJobs(store, { telemetry });
}

async function observeServers(
  { line, beanstalk }: { line: LineServer; beanstalk: BeanstalkServer },
  { telemetry }: ProgramTelemetry,
): Promise<void> {
  const { beanstalkMetrics, lineMetrics } = await import("./telemetry/mod.ts");
  telemetry.watch(lineMetrics(line));
  telemetry.watch(beanstalkMetrics(beanstalk));
}

/** Serves HTTP, if that is wanted. */
async function servePages(
  { values, log }: Call,
  parts: { store: JobStore; loop: EventLoop; lines: LineServer; observed: ProgramTelemetry | null },
): Promise<AsyncDisposable | null> {
  const { hostname, http: port } = values;
  const token = await readToken(values.token);
  if (port === undefined) return null;
  if (token === undefined && !["127.0.0.1", "::1", "localhost"].includes(hostname)) {
    throw new UsageError(`Cannot serve HTTP on ${hostname} without --token`);
  }
  const { store, loop, lines, observed } = parts;
  const { QueueDashboard } = await import("./dashboard/mod.ts");
  const dashboard = new QueueDashboard({
    store,
    token,
    loop,
    onError: (error) => log.error(explain(error)),
  });
  const handler = queueHandler({ store, token, lines });
  const metrics = observed?.prometheus;
  return serveHttp({ hostname, port, log, dashboard, handler, metrics, metricsToken: token });
}

async function serve(call: Call): Promise<void> {
  const { values, log, signal } = call;
  const onError = (error: unknown): void => log.error(explain(error));
  const jobs = readPhpJobs(values["php-jobs"]);
  const { hostname } = values;
  const allow = values.allow?.split(",");
  await using loop = new EventLoop({ onError, onFallback: (reason) => log.warning(reason) });
  await using kept = await open(call, loop);
  const observed = await openTelemetry({
    served: values.http !== undefined,
    loop,
    onMissing: (message) => log.warning(message),
  });
  const store = observed === null ? kept : await observe(kept, observed);
  await using line = await LineServer.listen({
    loop,
    store,
    hostname,
    allow,
    port: values.line,
    php: { jobs },
    maxLineBytes: values["max-line"],
    lineTimeoutMs: values["line-timeout"] * 1000,
    idleTimeoutMs: (values["line-idle"] ?? 0) * 1000,
    onError,
  });
  await using beanstalk = await BeanstalkServer.listen({
    loop,
    store,
    hostname,
    allow,
    port: values.beanstalk,
    maxJobBytes: values["max-job"],
    maxReservedJobs: values["max-reserved"],
    identity: identify(),
    onError,
  });
  if (observed !== null) await observeServers({ line, beanstalk }, observed);
  await using _http = await servePages(call, { store, loop, lines: line, observed });
  using _drain = drainOnSignal(beanstalk, { store, loop }, call);
  log.info(
    `listening on ${formatAddress(line.address)} (lines), ` +
      `${formatAddress(beanstalk.address)} (beanstalk), jobs in ${displayOf(values.store)}`,
  );
  const every = values["stats-every"];
  if (every !== undefined) loop.every(every * 1000, () => log.info(describe(store.stats())));
  await whenAborted(signal);
  log.info(`stopping ${describe(store.stats())}`);
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "queue/server.ts",
      url: import.meta.url,
      features: ["kv"],
      summary: "Keeps jobs and hands them out, to programs in any language.",
      usage: ["[FLAGS]"],
      notes: NOTES,
      usageErrors: [SyntaxError],
      flags: SERVER_FLAGS,
      permissions: ({ values }) => permissionsFor(values),
      main: async ({ values, positionals, log, progress, signal }) => {
        if (positionals.length > 0) {
          throw new UsageError(`Cannot use ${positionals[0]} as the server takes only flags`);
        }
        await serve({ values, log, progress, signal });
      },
    }),
  );
}
