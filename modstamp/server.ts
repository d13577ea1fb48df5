/**
 * The modstamp server as a program: `deno run -A modstamp/server.ts`.
 *
 * @module
 */
import { EventLoop, type SocketAddress } from "../loop/mod.ts";
import {
  type FlagTable,
  type FlagValues,
  type Log,
  readGivenFile,
  runProgram,
  UsageError,
  whenAborted,
} from "../program/mod.ts";
import {
  KvModstampStore,
  MemoryModstampStore,
  ModstampServer,
  type ModstampServerStats,
  type ModstampStore,
  SecurityProfile,
  SecurityProfileError,
} from "./mod.ts";

const flags = {
  hostname: { type: "text", value: "HOST", help: "interface to bind (default all)" },
  port: { type: "integer", default: 1415, most: 65_535, help: "UDP port; 0 for any" },
  store: {
    type: "text",
    default: "kv:modstamp.db",
    value: "kv:PATH|memory:",
    help: "where values are kept",
  },
  profile: { type: "text", value: "FILE", help: "security profile, JSON or YAML" },
  "peer-ttl": {
    type: "seconds",
    default: 300,
    least: 1,
    most: 86_400,
    help: "how long a subscription lasts",
  },
  "packet-bytes": {
    type: "integer",
    default: 1300,
    least: 800,
    most: 65_507,
    help: "most bytes of a packet",
  },
  "broadcast-repeat": {
    type: "integer",
    default: 1,
    least: 1,
    most: 100,
    help: "how often a signal is sent",
  },
  "max-ids": { type: "integer", default: 1_048_576, least: 1, most: 10_000_000, help: "most ids" },
  "max-subscriptions": {
    type: "integer",
    default: 1_000_000,
    most: 100_000_000,
    help: "most subscriptions",
  },
  "max-peer-subscriptions": {
    type: "integer",
    default: 1000,
    most: 100_000_000,
    help: "most subscriptions of a peer",
  },
  "max-packets": {
    type: "integer",
    default: 500,
    least: 1,
    most: 1_000_000_000,
    help: "most packets a second from a peer that may only read",
  },
  "max-bytes": {
    type: "integer",
    default: 131_072,
    least: 2048,
    most: 1_000_000_000,
    help: "most bytes a second to a peer that may only read",
  },
  "stats-every": {
    type: "seconds",
    least: 1,
    most: 86_400,
    value: "SECONDS",
    help: "log the counters so often",
  },
} as const satisfies FlagTable;

const NOTES = `By default 127.0.0.1 and ::1 may change values and all others may only query. A
security profile is a list of entries, of which the first that fits counts:
  - { encryption: plain, permission: rw, hosts: [192.168.7.0/24] }
  - { encryption: aes-256-gcm, id: office, key: 64 hexadecimal digits, permission: rw }
  - { encryption: plain, permission: ro }
Exit codes: 0 stopped, 1 failed, 2 wrong flags, config or profile.`;

const STORES = "kv:PATH or memory:";

async function openStore(text: string): Promise<ModstampStore> {
  if (text === "memory:") return new MemoryModstampStore();
  if (text.startsWith("kv:") && text.length > 3) return await KvModstampStore.open(text.slice(3));
  throw new UsageError(`Cannot use --store ${text} as it is not ${STORES}`);
}

/** The counters that are not zero, as one line. */
function describe(stats: ModstampServerStats): string {
  const { refused, ...counters } = stats;
  const shown = Object.entries({ ...counters, ...refused }).filter(([, count]) => count > 0);
  return shown.map(([name, count]) => `${name}=${count}`).join(" ");
}

function formatAddress({ hostname, port }: SocketAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

async function serve(
  values: FlagValues<typeof flags>,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const onError = (error: unknown): void =>
    log.error(error instanceof Error ? error.message : String(error));
  const profile = values.profile === undefined
    ? undefined
    : SecurityProfile.parse(await readGivenFile(values.profile, "security profile"), {
      source: values.profile,
    });
  await using loop = new EventLoop({ onError, onFallback: (reason) => log.warning(reason) });
  await using store = await openStore(values.store);
  await using server = await ModstampServer.listen({
    loop,
    store,
    profile,
    onError,
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
  });
  const address = formatAddress(server.address);
  log.info(`listening on ${address} (udp), values in ${values.store}, ${loop.poller} poller`, {
    ...server.address,
    store: values.store,
    poller: loop.poller,
  });
  const every = values["stats-every"];
  if (every !== undefined) loop.every(every * 1000, () => log.info(describe(server.stats())));
  await whenAborted(signal);
  log.info(`stopping ${describe(server.stats())}`.trimEnd());
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "modstamp/server.ts",
      url: import.meta.url,
      features: ["kv", "net"],
      summary:
        "Tells clients behind NAT that a dataset changed: a server of the modstamp protocol.",
      usage: ["[FLAGS]"],
      notes: NOTES,
      usageErrors: [SecurityProfileError],
      flags,
      main: async ({ values, positionals, log, signal }) => {
        if (positionals.length > 0) {
          throw new UsageError(`Cannot use ${positionals[0]} as the server takes only flags`);
        }
        await serve(values, { log, signal });
      },
    }),
  );
}
