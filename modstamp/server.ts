/**
 * The modstamp server as a program: `deno run -A modstamp/server.ts`.
 *
 * @module
 */
import { EventLoop, formatAddress, type SocketAddress } from "../loop/mod.ts";
import {
  type FlagTable,
  type FlagValues,
  type Log,
  messageOf,
  openTelemetry,
  type Permission,
  type ProgramTelemetry,
  readGivenFile,
  readToken,
  runProgram,
  serveHttp,
  someOf,
  storePermissions,
  UsageError,
  whenAborted,
  wholeOf,
} from "../program/mod.ts";
import {
  KvModstampStore,
  LinkedModstampStore,
  MemoryModstampStore,
  ModstampServer,
  type ModstampServerStats,
  type ModstampSource,
  type ModstampStore,
  type OwnedLink,
  RedisModstampStore,
  RemoteKvModstampStore,
  SecurityProfile,
  SecurityProfileError,
  StoreOwner,
  StoreSource,
} from "./mod.ts";
import { isRedisUrl, parseRedisUrl } from "../redis/mod.ts";
import { SERVER_FLAGS } from "./server_flags.ts";
import type { ModstampGateway } from "./http/mod.ts";
import type { WorkerSettings } from "./work.ts";

const flags = SERVER_FLAGS satisfies FlagTable;

const NOTES = `By default 127.0.0.1 and ::1 may change values and all others may only query. A
security profile is a list of entries, of which the first that fits counts:
  - { encryption: plain, permission: rw, hosts: [192.168.7.0/24] }
  - { encryption: aes-256-gcm, id: office, key: 64 hexadecimal digits, permission: rw }
  - { encryption: plain, permission: ro }
Exit codes: 0 stopped, 1 failed, 2 wrong flags, config or profile.`;

const STORES = "kv:PATH, memory:, redis://… or https://…";
/** How long a server that starts waits for its Redis. */
const PATIENCE_MS = 30_000;

async function openStore(text: string, log: Log): Promise<ModstampStore> {
  if (text === "memory:") return new MemoryModstampStore();
  if (text.startsWith("kv:") && text.length > 3) return await KvModstampStore.open(text.slice(3));
  const onError = (error: Error): void => log.error(error.message);
  if (isRedisUrl(text)) {
    return await RedisModstampStore.open(text, {
      patienceMs: PATIENCE_MS,
      onError,
      onTrouble: (error) => log.warning(`${error.message}; trying again`),
      onRecovery: () => log.info("connected to Redis again"),
    });
  }
  if (isRemoteKv(text)) return await RemoteKvModstampStore.open(text, { onError });
  throw new UsageError(`Cannot use --store ${text} as it is not ${STORES}`);
}

function isRemoteKv(store: string): boolean {
  return store.startsWith("https://") || store.startsWith("http://");
}

/** A store as it may be shown: without user and password. */
function displayOf(store: string): string {
  return isRedisUrl(store) ? parseRedisUrl(store).display : store;
}

/** The counters that are not zero, as one line. */
function describe(stats: ModstampServerStats): string {
  const { refused, ...counters } = stats;
  const shown = Object.entries({ ...counters, ...refused }).filter(([, count]) => count > 0);
  return shown.map(([name, count]) => `${name}=${count}`).join(" ");
}

type Values = FlagValues<typeof flags>;

interface Call {
  values: Values;
  log: Log;
  signal: AbortSignal;
}

function settingsOf(values: Values): WorkerSettings {
  return {
    hostname: values.hostname,
    port: values.port,
    packetBytes: values["packet-bytes"],
    broadcastRepeat: values["broadcast-repeat"],
    subscriptionTtlMs: values["peer-ttl"] * 1000,
    maxIds: values["max-ids"],
    maxSubscriptions: values["max-subscriptions"],
    maxSubscriptionsPerPeer: values["max-peer-subscriptions"],
    maxPacketsPerSecond: values["max-packets"],
    maxBytesPerSecond: values["max-bytes"],
    maxBytesPerSecondPerHost: values["max-host-bytes"],
  };
}

async function serve({ values, log, signal }: Call): Promise<void> {
  const onError = (error: unknown): void => log.error(messageOf(error));
  const profile = await readProfile(values.profile);
  await using loop = new EventLoop({ onError, onFallback: (reason) => log.warning(reason) });
  await using kept = await openStore(values.store, log);
  const observed = await openTelemetry({
    served: values.http !== undefined,
    loop,
    onMissing: (message) => log.warning(message),
  });
  const store = observed === null ? kept : await observe(kept, observed);
  const settings = settingsOf(values);
  await using server = await ModstampServer.listen({ ...settings, loop, store, profile, onError });
  const parts = { server, source: server, loop };
  await using _pages = await servePages(parts, { values, log, observed });
  announce(log, server.address, `values in ${displayOf(values.store)}, ${loop.poller} poller`);
  const every = values["stats-every"];
  if (every !== undefined) loop.every(every * 1000, () => log.info(describe(server.stats())));
  await whenAborted(signal);
  log.info(`stopping ${describe(server.stats())}`.trimEnd());
}

async function observe(
  store: ModstampStore,
  { telemetry }: ProgramTelemetry,
): Promise<ModstampStore> {
  const { observeStore } = await import("./telemetry/mod.ts");
  return observeStore(store, { telemetry });
}

async function watch(
  { telemetry }: ProgramTelemetry,
  { server, gateway }: { server?: ModstampServer; gateway?: ModstampGateway },
): Promise<void> {
  const { gatewayMetrics, modstampMetrics } = await import("./telemetry/mod.ts");
  if (server !== undefined) telemetry.watch(modstampMetrics(server));
  if (gateway !== undefined) telemetry.watch(gatewayMetrics(gateway));
}

/** Serves HTTP, if that is wanted. */
async function servePages(
  parts: { server?: ModstampServer; source: ModstampSource; loop: EventLoop },
  { values, log, observed }: { values: Values; log: Log; observed: ProgramTelemetry | null },
): Promise<AsyncDisposable | null> {
  const { http: port, "http-hostname": hostname } = values;
  const token = await readToken(values.token);
  if (observed !== null) await watch(observed, parts);
  if (port === undefined) return null;
  if (token === undefined && !["127.0.0.1", "::1", "localhost"].includes(hostname)) {
    throw new UsageError(`Cannot serve HTTP on ${hostname} without --token`);
  }
  const { Pages } = await import("./http/pages.ts");
  const pages = new Pages({
    ...parts,
    token,
    writers: values["http-writers"] === "all" ? "all" : "token",
    origins: readOrigins(values.origins),
    onError: (error) => log.error(messageOf(error)),
  });
  if (observed !== null) await watch(observed, pages);
  const metrics = observed?.prometheus;
  return serveHttp({ hostname, port, log, dashboard: pages, metrics, metricsToken: token });
}

/** `URL,…` as a list of origins. */
function readOrigins(text = ""): readonly string[] | "*" {
  if (text === "*") return text;
  const origins = text.split(",").filter(Boolean);
  const wrong = origins.find((each) => URL.parse(each)?.origin !== each);
  if (wrong === undefined) return origins;
  throw new UsageError(`Cannot use --origins ${wrong} as it is not like https://example.com`);
}

function announce(log: Log, address: SocketAddress, details: string): void {
  log.info(`listening on ${formatAddress(address)} (udp), ${details}`, { ...address });
}

/** Serves with several processes on one port, of which this one owns the values. */
async function supervise({ values, log, signal }: Call): Promise<number> {
  const { Supervisor } = await import("@sluice/sluice/prefork");
  const workers = countWorkers(values.workers!);
  if (isRemoteKv(values.store)) {
    throw new UsageError("Cannot use --workers with a remote KV: start several servers instead");
  }
  await readProfile(values.profile);
  const onError = (error: unknown): void => log.error(messageOf(error));
  await using loop = new EventLoop({ onError, poller: "epoll" });
  await using kept = await openStore(values.store, log);
  const observed = await openTelemetry({
    served: values.http !== undefined,
    loop,
    onMissing: (message) => log.warning(message),
  });
  const owner = new StoreOwner(observed === null ? kept : await observe(kept, observed));
  const address = await claimPort(loop, values);
  const links = new Map<number, OwnedLink>();
  const settings = { ...settingsOf(values), port: address.port, profilePath: values.profile };
  await using supervisor = new Supervisor({
    loop,
    workers,
    entry: new URL("./work.ts", import.meta.url),
    kind: "script",
    args: [JSON.stringify(settings)],
    denoFlags: ["--unstable-net"],
    onMessage: (bytes, worker) => {
      const link = links.get(worker.pid) ?? owner.attach((reply) => worker.send(reply));
      links.set(worker.pid, link);
      link.receive(bytes);
    },
    onLog: ({ level, message, worker }) =>
      log[level](worker === undefined ? message : `worker ${worker}: ${message}`),
    onOutput: (line, { worker }) => log.warning(`worker ${worker}: ${line}`),
    hooks: {
      workerExit: ({ pid }) => {
        links.get(pid)?.close();
        links.delete(pid);
      },
    },
  });
  await supervisor.start();
  await using source = values.http === undefined ? null : await StoreSource.open(linkTo(owner));
  await using _pages = source && await servePages({ source, loop }, { values, log, observed });
  announce(log, address, `${workers} workers, values in ${displayOf(values.store)}, epoll poller`);
  await Promise.race([whenAborted(signal), supervisor.finished]);
  if (!signal.aborted) return 1;
  log.info("stopping");
  await supervisor.drain();
  return 0;
}

/** A way to the store for this process, as its workers have one each. */
function linkTo(owner: StoreOwner): LinkedModstampStore {
  let receive = (_bytes: Uint8Array): void => undefined;
  const link = owner.attach((bytes) => {
    receive(bytes);
    return true;
  });
  return new LinkedModstampStore({
    send: (bytes) => {
      link.receive(bytes);
      return true;
    },
    onMessage: (handler) => void (receive = handler),
  });
}

/** Datagrams go to whoever asks, so that all of the network is needed. */
function permissionsFor(values: Values): Permission[] {
  const { store, profile, token, workers } = values;
  const lock = store.startsWith("kv:") ? `${store.slice(3)}.lock` : undefined;
  return [
    ...wholeOf("net"),
    ...storePermissions(store, (url) => parseRedisUrl(url).addresses),
    ...someOf("write", lock),
    ...someOf("read", profile, token),
    ...workers === undefined ? [] : wholeOf("run", "env", "read", "ffi"),
  ];
}

function countWorkers(text: string): number {
  if (text === "auto") return navigator.hardwareConcurrency;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new UsageError(`Cannot use --workers ${text} as it must be auto or from 1 to 1000`);
}

// Workers share the port with each other, but not with anybody who is there already.
async function claimPort(loop: EventLoop, { hostname, port }: Values): Promise<SocketAddress> {
  const socket = await loop.bindDatagram({ hostname, port, onBatch: () => undefined });
  socket.close();
  return socket.localAddress;
}

async function readProfile(path: string | undefined): Promise<SecurityProfile | undefined> {
  if (path === undefined) return undefined;
  const text = await readGivenFile(path, "security profile");
  return SecurityProfile.parse(text, { source: path });
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "modstamp/server.ts",
      url: import.meta.url,
      features: ["kv", "net", "no-legacy-abort"],
      summary:
        "Tells clients behind NAT that a dataset changed: a server of the modstamp protocol.",
      usage: ["[FLAGS]"],
      notes: NOTES,
      usageErrors: [SecurityProfileError, SyntaxError],
      flags,
      permissions: ({ values }) => permissionsFor(values),
      main: async ({ values, positionals, log, signal }) => {
        if (positionals.length > 0) {
          throw new UsageError(`Cannot use ${positionals[0]} as the server takes only flags`);
        }
        const call = { values, log, signal };
        return values.workers === undefined ? await serve(call) : await supervise(call);
      },
    }),
  );
}
