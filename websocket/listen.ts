/**
 * A WebSocket server as a program: `deno run -A websocket/listen.ts APP.ts`.
 *
 * @module
 */
import { EventLoop, formatAddress, type ListenTls, type StreamAddress } from "../loop/mod.ts";
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
  readGivenFile,
  readToken,
  restartOnChange,
  runProgram,
  serveHttp,
  someOf,
  storePermissions,
  UsageError,
  whenAborted,
  wholeOf,
} from "../program/mod.ts";
import { parseRedisUrl } from "../redis/mod.ts";
import {
  type Application,
  checkApplication,
  IpBlocklist,
  OriginCheck,
  type ServerStats,
  SessionProvider,
  type Sessions,
  WsServer,
} from "./mod.ts";
import { LISTEN_FLAGS } from "./listen_flags.ts";
import { displayStore, openSessions } from "./session/open_sessions.ts";

const flags = LISTEN_FLAGS satisfies FlagTable;

type Values = FlagValues<typeof flags>;

const FEATURES = ["kv", "net"] as const;

const NOTES = `APP.ts has an application as its default export, or a function that makes one:
  export default { onMessage: (connection, message) => void connection.send(message) };
  export default ({ sessions }) => new App(sessions);
With --session-store, sessionOf(connection) is the web session of a connection.
A LIST is separated by commas. SIGTERM closes the connections with 1001.
Exit codes: 0 stopped, 1 failed, 2 wrong flags, config or application.`;

/** The URL of a module named on the command line. */
function moduleUrl(name: string): URL {
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(name);
  return isUrl ? new URL(name) : new URL(name, `file://${Deno.cwd()}/`);
}

function permissionsFor(values: Values, app: string | undefined): Permission[] {
  const { interface: hostname, port, http, cert, key, token, "session-secret": secret } = values;
  const url = app === undefined ? null : moduleUrl(app);
  const file = url?.protocol === "file:" ? app : undefined;
  return [
    ...netOf(hostname, port),
    ...netOf("127.0.0.1", http),
    ...storePermissions(values["session-store"], (redis) => parseRedisUrl(redis).addresses),
    ...someOf("read", file, cert, key, token, secret),
    ...values.watch ? wholeOf("read", "run") : [],
  ];
}

async function loadApplication(url: URL, sessions: Sessions | null): Promise<Application> {
  const module = await import(url.href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot load ${url} as it fails: ${reason.split("\n")[0]}`);
  });
  const exported: unknown = (module as { default?: unknown }).default;
  if (exported === undefined) {
    throw new UsageError(`Cannot serve ${url} as it has no default export`);
  }
  const application: unknown = typeof exported === "function"
    ? await exported({ sessions })
    : exported;
  try {
    return checkApplication(application, "WsServer");
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Opens the web sessions, if that is wanted. */
async function openWebSessions(
  { values, log }: { values: Values; log: Log },
  loop: EventLoop,
): Promise<Sessions | null> {
  const store = values["session-store"];
  if (store === undefined) {
    const names = ["codec", "bag", "layout", "cookie", "secret", "ttl"] as const;
    const alone = names.find((name) => values[`session-${name}`] !== undefined);
    if (alone === undefined) return null;
    throw new UsageError(`Cannot use --session-${alone} without --session-store`);
  }
  const ttl = values["session-ttl"];
  return await openSessions({
    store,
    codec: values["session-codec"],
    bag: values["session-bag"],
    layout: values["session-layout"],
    cookie: values["session-cookie"],
    secrets: await readSecrets(values["session-secret"]),
    secure: values.cert !== undefined,
    ttlMs: ttl === undefined ? undefined : ttl * 1000,
    loop,
    onTrouble: (error) => log.warning(`${error.message}; trying again`),
    onRecovery: () => log.info("connected to Redis again"),
  });
}

async function readSecrets(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const lines = (await readGivenFile(file, "secret")).split("\n").map((line) => line.trim());
  const secrets = lines.filter((line) => line !== "");
  if (secrets.length === 0) throw new UsageError(`Cannot use secret ${file} as it is empty`);
  return secrets;
}

/** A page of another site must not act in a session that its visitor has here. */
function checkOrigins(
  application: Application,
  { origins }: Values,
  sessions: Sessions | null,
): Application {
  if (origins === "*" || (origins === undefined && sessions === null)) return application;
  if (origins !== undefined) return new OriginCheck(application, { origins: origins.split(",") });
  return new OriginCheck(application, { origins: [], sameHost: true, allowMissing: true });
}

/** What stands around the application, as the flags want it. */
function wrap(application: Application, values: Values, sessions: Sessions | null): Application {
  let outer = application;
  if (sessions !== null) outer = new SessionProvider(outer, { sessions });
  outer = checkOrigins(outer, values, sessions);
  if (values.block !== undefined) {
    outer = new IpBlocklist(outer, { blocked: values.block.split(",") });
  }
  return outer;
}

async function readTls(values: Values): Promise<ListenTls | undefined> {
  const { cert, key } = values;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UsageError("Cannot speak TLS as --cert and --key go together");
  }
  return {
    cert: await readGivenFile(cert, "certificate"),
    key: await readGivenFile(key, "private key"),
  };
}

/** The counters that are not zero, as one line. */
function describe(stats: ServerStats): string {
  const shown = Object.entries(stats).filter(([, count]) => count > 0);
  return shown.map(([name, count]) => `${name}=${count}`).join(" ");
}

function formatUrl(address: StreamAddress, isSecure: boolean): string {
  if ("path" in address) return address.path;
  return `${isSecure ? "wss" : "ws"}://${formatAddress(address)}/`;
}

async function observe(
  application: Application,
  { telemetry }: ProgramTelemetry,
): Promise<Application> {
  const { observeApplication } = await import("./telemetry/mod.ts");
  return observeApplication(application, { telemetry });
}

/** Serves the dashboard, if that is wanted. */
async function servePages(
  parts: { server: WsServer; application: Application; loop: EventLoop },
  { values, log, observed }: { values: Values; log: Log; observed: ProgramTelemetry | null },
): Promise<AsyncDisposable | null> {
  const { http: port } = values;
  if (observed !== null) {
    const { websocketMetrics } = await import("./telemetry/mod.ts");
    observed.telemetry.watch(websocketMetrics(parts.server, parts.application));
  }
  const token = await readToken(values.token);
  if (port === undefined) {
    if (token === undefined) return null;
    throw new UsageError("Cannot use --token without --http");
  }
  const { WebSocketDashboard } = await import("./dashboard/mod.ts");
  const onError = (error: unknown): void => log.error(messageOf(error));
  const dashboard = new WebSocketDashboard({ ...parts, token, readers: "all", onError });
  const metrics = observed?.prometheus;
  return serveHttp({ hostname: "127.0.0.1", port, log, dashboard, metrics });
}

async function serve(
  url: URL,
  call: { values: Values; log: Log; progress: Progress; signal: AbortSignal },
): Promise<void> {
  const { values, log, progress, signal } = call;
  const onError = (error: unknown): void =>
    log.error(error instanceof Error ? error.stack ?? error.message : String(error));
  const tls = await readTls(values);
  await using loop = new EventLoop({ onError, onFallback: (reason) => log.warning(reason) });
  await using sessions = await openWebSessions({ values, log }, loop);
  const observed = await openTelemetry({
    served: values.http !== undefined,
    loop,
    onMissing: (message) => log.warning(message),
  });
  const loaded = await loadApplication(url, sessions);
  const inner = observed === null ? loaded : await observe(loaded, observed);
  const application = wrap(inner, values, sessions);
  await using server = new WsServer(application, {
    loop,
    onError,
    maxConnections: values["max-connections"],
    maxConnectionsPerAddress: values["max-connections-per-address"],
    maxMessageBytes: values["max-message-bytes"],
    maxMessagesPerSecond: values["max-messages"],
    pingIntervalMs: values["ping-every"] * 1000,
    idleTimeoutMs: values["idle-timeout"] * 1000,
    deflate: values["no-deflate"] ? false : undefined,
  });
  await using _pages = await servePages({ server, application, loop }, { values, log, observed });
  const address = await server.listen({ hostname: values.interface, port: values.port, tls });
  const store = values["session-store"];
  const kept = store === undefined ? "" : `sessions in ${displayStore(store)}, `;
  log.info(`listening on ${formatUrl(address, tls !== undefined)}, ${kept}${loop.poller} poller`, {
    ...address,
    poller: loop.poller,
  });
  const every = values["stats-every"];
  if (every !== undefined) loop.every(every * 1000, () => log.info(describe(server.stats())));
  await whenAborted(signal);
  log.info(`stopping ${describe(server.stats())}`.trimEnd());
  using _line = progress.follow(loop, () => `closing ${server.stats().connections} connections`);
  await server[Symbol.asyncDispose]();
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "websocket/listen.ts",
      url: import.meta.url,
      features: [...FEATURES],
      summary: "Serves a WebSocket application.",
      usage: ["APP.ts [FLAGS]"],
      notes: NOTES,
      usageErrors: [SyntaxError],
      flags,
      permissions: ({ values, positionals: [app] }) => permissionsFor(values, app),
      main: async ({ values, positionals, log, progress, signal }) => {
        if (positionals.length !== 1) {
          throw new UsageError("Cannot serve as the application is to be named: APP.ts");
        }
        const entry = moduleUrl(positionals[0]);
        if (!values.watch) return await serve(entry, { values, log, progress, signal });
        await restartOnChange({
          url: import.meta.url,
          features: FEATURES,
          args: Deno.args.filter((arg) => arg !== "--watch"),
          entry,
          log,
          signal,
        });
      },
    }),
  );
}
