/**
 * The supervisor as a program: `deno run -A prefork/main.ts APP.ts`.
 *
 * @module
 */
import { SystemClock } from "../loop/mod.ts";
import {
  COMMON_FLAGS,
  type FlagTable,
  type FlagValues,
  Log,
  type LogFormat,
  netOf,
  openTelemetry,
  type Permission,
  type Progress,
  runProgram,
  someOf,
  UsageError,
  wholeOf,
} from "../program/mod.ts";
import { parseControlPlace } from "./_control_endpoint.ts";
import { giveOrder, OrderError } from "./_ctl.ts";
import { type InheritedSocket, inheritedSocket } from "./_inherited_sockets.ts";
import type { LogEntry, LogLevel } from "./log_entry.ts";
import { Output } from "./_output.ts";
import { OwnCommand } from "./_restart.ts";
import { runWithSocket } from "./_socket_stage.ts";
import { supervise } from "./_supervise.ts";
import { MAX_SPARES } from "./_settings.ts";
import type { Share } from "./share.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import { takeWorkerFlags, type WorkerFlags } from "./_worker_flags.ts";
import type { ProgramKind } from "./_worker_config.ts";
import type { WorkerHooks } from "./worker_hooks.ts";
import { PermissionError, PermissionFlagError } from "./_worker_permissions.ts";

const MEBIBYTE = 2 ** 20;
const DAY = 86_400;

const flags = {
  workers: { type: "text", short: "w", default: "auto", value: "N|auto", help: "how many workers" },
  spares: {
    type: "integer",
    default: 0,
    most: MAX_SPARES,
    help: "processes kept ready for deaths",
  },
  port: { type: "integer", short: "p", default: 8000, most: 65_535, help: "port to share; 0 any" },
  hostname: { type: "text", default: "0.0.0.0", value: "HOST", help: "interface to listen on" },
  share: {
    type: "choice",
    choices: ["reuseport", "inherit", "none"],
    default: "reuseport",
    help: "how the port is shared",
  },
  kind: {
    type: "choice",
    choices: ["auto", "fetch", "script"],
    default: "auto",
    help: "what APP is",
  },
  timeout: {
    type: "seconds",
    default: 30,
    least: 0.1,
    most: DAY,
    help: "silence after which a worker is killed",
  },
  "boot-timeout": { type: "seconds", default: 60, most: DAY, help: "how long a boot may take" },
  "graceful-timeout": {
    type: "seconds",
    default: 30,
    most: DAY,
    help: "how long the last requests may take",
  },
  drain: {
    type: "seconds",
    default: 0.25,
    most: DAY,
    help: "how long a worker that goes still serves",
  },
  linger: {
    type: "seconds",
    default: 5,
    most: DAY,
    help: "how long kept-alive connections have to end with an answer",
  },
  "max-requests": {
    type: "integer",
    default: 0,
    help: "requests after which a worker is replaced",
  },
  "max-memory": {
    type: "integer",
    default: 0,
    value: "MIB",
    help: "memory at which a worker is replaced",
  },
  heap: {
    type: "integer",
    least: 16,
    value: "MIB",
    help: "most memory for JavaScript in a worker",
  },
  cwd: { type: "text", value: "DIR", help: "working directory of the workers" },
  "clear-env": { type: "boolean", help: "keep this environment from the workers" },
  hooks: { type: "text", value: "FILE", help: "module that exports hooks" },
  pid: { type: "text", value: "FILE", help: "pid file" },
  status: { type: "text", value: "PORT|PATH", help: "control endpoint: a port or a unix socket" },
  "log-file": { type: "text", value: "FILE", help: "where log and output go" },
  log: COMMON_FLAGS.log,
  "log-level": COMMON_FLAGS["log-level"],
  "plain-output": { type: "boolean", help: "don't put the worker before what it prints" },
} as const satisfies FlagTable;

type Values = FlagValues<typeof flags>;

const NOTES = `APP is a module with export default { fetch }, or a script. Also for the workers:
  --allow-…, --deny-…, -A   their permissions (default: those of the supervisor)
  --env NAME=VALUE          a variable, as often as needed
  --deno-flag FLAG          a flag for Deno, as often as needed
  -- ARG…                   arguments of APP
Orders (ctl): status, metrics, reload, scale N, stop; signal NAME by the pid file.
Signals: TTIN and TTOU one worker more or less, HUP replaces all without losing a
connection, QUIT stops gracefully, TERM and INT stop at once, USR1 opens logs again, USR2
starts another supervisor and leaves to it, WINCH lets all workers go.
SLUICE_CONTROL_TOKEN is the token for orders through a port.
Exit codes: 0 stopped, 1 failed, 2 wrong flags.`;

function countWorkers(text: string): number {
  if (text === "auto") return navigator.hardwareConcurrency;
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 1024) return Number(text);
  throw new UsageError(`Cannot use --workers ${text} as it must be auto or from 1 to 1024`);
}

/** Workers are started, told their surroundings, and killed when they hang. */
function permissionsFor(values: Values, app: string | undefined): Permission[] {
  const { hostname, port, share, pid, status, "log-file": log, hooks } = values;
  if (app === undefined) return [];
  const at: { path?: string; port?: number } = status ? parseControlPlace(status) : {};
  const control = [
    ...someOf("read", at.path, pid),
    ...someOf("write", at.path),
    ...netOf("127.0.0.1", at.port),
  ];
  if (app === "ctl") return [...control, ...wholeOf("env", ...pid ? ["run"] as const : [])];
  return [
    ...wholeOf("run", "env"),
    ...share === "none" ? [] : netOf(hostname, port),
    ...someOf("read", /^[a-z][a-z+.-]+:/.test(app) ? undefined : app, hooks),
    ...control,
    ...someOf("write", pid, log),
  ];
}

async function loadHooks(file: string | undefined): Promise<WorkerHooks | undefined> {
  if (file === undefined) return undefined;
  try {
    return await import(new URL(file, `file://${Deno.cwd()}/`).href) as WorkerHooks;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UsageError(`Cannot use hooks ${file} as ${reason}`);
  }
}

async function checkEntry(entry: string): Promise<void> {
  if (/^[a-z][a-z+.-]+:/.test(entry)) return;
  try {
    const { isFile } = await Deno.stat(entry);
    if (!isFile) throw new UsageError(`Cannot run ${entry} as it is no file`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot run ${entry} as there is no such file`);
  }
}

async function checkDirectory(directory: string): Promise<void> {
  try {
    const { isDirectory } = await Deno.stat(directory);
    if (!isDirectory) throw new UsageError(`Cannot run in ${directory} as it is no directory`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot run in ${directory} as there is no such directory`);
  }
}

function supervisorOptions(
  values: Values,
  given: { entry: string; worker: WorkerFlags; socket: InheritedSocket | null },
): SupervisorOptions {
  const { worker, socket, entry } = given;
  const share = socket === null ? values.share as Share : "inherit";
  return {
    entry,
    kind: values.kind as ProgramKind,
    args: worker.args,
    permissions: worker.permissions,
    denoFlags: worker.denoFlags,
    env: worker.env,
    clearEnv: values["clear-env"],
    cwd: values.cwd,
    maxHeapMb: values.heap,
    workers: countWorkers(values.workers),
    spares: values.spares,
    port: share === "none" ? undefined : socket?.port ?? values.port,
    hostname: socket?.hostname ?? values.hostname,
    share,
    listenFd: socket?.fd,
    timeoutMs: values.timeout * 1000,
    bootTimeoutMs: values["boot-timeout"] * 1000,
    gracefulTimeoutMs: values["graceful-timeout"] * 1000,
    drainMs: values.drain * 1000,
    lingerMs: values.linger * 1000,
    maxRequests: values["max-requests"],
    maxMemoryBytes: values["max-memory"] * MEBIBYTE,
  };
}

/** Whether Deno's FFI is permitted: without it a socket can be handed down at a start only. */
function hasFfi(): boolean {
  return Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}

function logTo(log: Log): (entry: LogEntry) => void {
  const writers = { info: "info", warning: "warning", error: "error" } as const satisfies Record<
    LogLevel,
    keyof Log
  >;
  return ({ level, message, worker, pid }) => {
    const who = worker === undefined ? "" : `worker ${worker}${pid ? ` (${pid})` : ""}: `;
    const fields = { ...(worker && { worker }), ...(pid && { pid }) };
    log[writers[level]](who + message, fields);
  };
}

async function run(
  entry: string,
  { values, progress }: { values: Values; progress: Progress },
  worker: WorkerFlags,
): Promise<number> {
  await checkEntry(entry);
  if (values.cwd !== undefined) await checkDirectory(values.cwd);
  const command = new OwnCommand(import.meta.url);
  const socket = values.share === "none" ? null : inheritedSocket();
  if (!hasFfi() && (socket?.activated || (socket === null && values.share === "inherit"))) {
    return await runWithSocket(command, socket ?? values);
  }
  using output = new Output({ file: values["log-file"], prefix: !values["plain-output"] });
  const clock = new SystemClock();
  const format = values.log as LogFormat;
  const write = (line: string): void => progress.around(() => output.write(line));
  const everything = new Log({ format, write, wallMs: () => clock.wallMs() });
  const level = values["log-level"] as LogLevel;
  const log = new Log({ format, level, write, wallMs: () => clock.wallMs() });
  await supervise({
    supervisor: {
      ...supervisorOptions(values, { entry, worker, socket }),
      hooks: await loadHooks(values.hooks),
      onOutput: (line, from) =>
        format === "json"
          ? everything.info(line, from)
          : progress.around(() => output.pass(line, from)),
    },
    command,
    pidFile: values.pid,
    control: values.status === undefined ? undefined : parseControlPlace(values.status),
    token: Deno.env.get("SLUICE_CONTROL_TOKEN"),
    telemetry: (await openTelemetry({
      served: false,
      onMissing: (message) => log.warning(message),
    }))
      ?.telemetry,
    onLog: logTo(log),
    onWait: (loop, tell) => progress.follow(loop, tell),
    onReopen: () => output.reopen(),
  });
  return 0;
}

async function order(words: readonly string[], values: Values): Promise<number> {
  const { code, text } = await giveOrder(words, {
    control: values.status === undefined ? undefined : parseControlPlace(values.status),
    pidFile: values.pid,
    token: Deno.env.get("SLUICE_CONTROL_TOKEN"),
  });
  using output = new Output({ prefix: false });
  output.print(code === 0 ? "stdout" : "stderr", text);
  return code;
}

if (import.meta.main) {
  const worker = takeWorkerFlags(Deno.args);
  Deno.exit(
    await runProgram({
      name: "prefork/main.ts",
      url: import.meta.url,
      features: [],
      summary:
        "Keeps processes at work that share a port, and replaces them without losing a thing.",
      usage: [
        "APP.ts [FLAGS] [-- ARG…]",
        "ctl ORDER --status PORT|PATH",
        "ctl ORDER --pid FILE",
      ],
      notes: NOTES,
      usageErrors: [OrderError, PermissionError, PermissionFlagError],
      flags,
      permissions: ({ values, positionals: [app] }) => permissionsFor(values, app),
      args: worker.rest,
      main: async ({ values, positionals: [first, ...more], progress }) => {
        if (worker.fault !== null) throw new UsageError(worker.fault);
        if (first === undefined) throw new UsageError("Cannot supervise as no program is given");
        if (first === "ctl") return await order(more, values);
        if (more.length > 0) {
          throw new UsageError(`Cannot use ${more[0]}: arguments of the program follow --`);
        }
        return await run(first, { values, progress }, worker);
      },
    }),
  );
}
