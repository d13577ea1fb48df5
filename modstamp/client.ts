/**
 * The modstamp client as a program: `deno run -A modstamp/client.ts`.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import {
  type FlagTable,
  type FlagValues,
  type Log,
  messageOf,
  readGivenFile,
  runProgram,
  someOf,
  UsageError,
  wholeOf,
} from "../program/mod.ts";
import {
  type Change,
  ClientSet,
  isId,
  ModstampClient,
  type ModstampClientOptions,
  SecurityProfile,
  SecurityProfileError,
  UnconfirmedError,
  type ValueStrategy,
} from "./mod.ts";

const flags = {
  once: { type: "boolean", help: "listen: exit after the first change" },
  json: { type: "boolean", help: "print one JSON object a line" },
  exec: {
    type: "text",
    value: "CMD",
    help: "listen: run CMD at each change, with MODSTAMP_ID and MODSTAMP_VALUE",
  },
  value: {
    type: "choice",
    choices: ["counter", "timestamp", "random"],
    default: "random",
    help: "send: how to make a value for an ID without one",
  },
  timeout: {
    type: "seconds",
    default: 5,
    least: 0.1,
    most: 86_400,
    help: "send, get: how long to try",
  },
  "query-every": {
    type: "seconds",
    default: 60,
    least: 1,
    most: 250,
    help: "listen: how often to renew the subscription, give or take a sixtieth",
  },
  profile: {
    type: "text",
    value: "FILE",
    help: "security profile, JSON or YAML; its first entry for the server counts",
  },
} as const satisfies FlagTable;

const NOTES = `HOST is a name, an IPv4 address or an IPv6 address, with a port as HOST:PORT or
[IPV6]:PORT (default 1415). An ID is 1 to 255 of 0-9 A-Z a-z _ . : -, a VALUE at most
255 bytes; "ID=" deletes. listen prints changes as ID=VALUE; with ID=KNOWN also the
first value if it is another. Control characters are printed as \\u00XX.
Exit codes: 0 done, 1 no answer or not confirmed, 2 wrong arguments.`;

interface Call {
  values: FlagValues<typeof flags>;
  log: Log;
  signal: AbortSignal;
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "modstamp/client.ts",
      url: import.meta.url,
      features: ["net"],
      summary: "Listens to modstamps, reads them and changes them.",
      usage: [
        "listen HOST[:PORT] ID[=KNOWN]... [--once] [--json] [--exec CMD]",
        "send HOST[:PORT][,HOST...] ID[=VALUE]... [--value STRATEGY]",
        "get HOST[:PORT] ID...",
      ],
      notes: NOTES,
      usageErrors: [SecurityProfileError],
      flags,
      permissions: ({ values: { profile, exec } }) => [
        ...wholeOf("net"),
        ...someOf("read", profile),
        ...exec === undefined ? [] : wholeOf("run"),
      ],
      main: async ({ positionals: [verb, host, ...ids], ...call }) => {
        const verbs = { listen, send, get };
        if (verb === undefined) {
          throw new UsageError("Cannot tell what to do: give listen, send or get");
        }
        if (!Object.hasOwn(verbs, verb)) {
          throw new UsageError(`Cannot ${verb} as the verbs are listen, send and get`);
        }
        if (host === undefined) throw new UsageError(`Cannot ${verb} without a HOST`);
        if (ids.length === 0) throw new UsageError(`Cannot ${verb} without an ID`);
        await verbs[verb as keyof typeof verbs](host, readIds(ids), call);
      },
    }),
  );
}

async function get(host: string, ids: Map<string, string | null>, call: Call): Promise<void> {
  const given = [...ids].find(([, value]) => value !== null);
  if (given !== undefined) throw new UsageError(`Cannot get ${given.join("=")} as it has a value`);
  const options = await clientOptions(call);
  await using _loop = options.loop;
  await using client = new ModstampClient({ ...options, ...readServer(host) });
  print(await client.get(ids.keys(), requestOptions(call)), call);
}

async function send(hosts: string, ids: Map<string, string | null>, call: Call): Promise<void> {
  const options = await clientOptions(call);
  await using _loop = options.loop;
  const servers = hosts.split(",").map(readServer);
  await using set = new ClientSet(
    servers.map((server) => new ModstampClient({ ...options, ...server })),
    options,
  );
  try {
    print(await set.send(Object.fromEntries(ids), requestOptions(call)), call);
  } catch (error) {
    if (error instanceof UnconfirmedError) print(error.confirmed, call);
    throw error;
  }
}

async function listen(host: string, ids: Map<string, string | null>, call: Call): Promise<void> {
  const options = await clientOptions(call);
  await using _loop = options.loop;
  await using client = new ModstampClient({ ...options, ...readServer(host) });
  const { values, log, signal } = call;
  await using changes = client.listen(Object.fromEntries(ids), {
    minQueryMs: values["query-every"] * 983,
    maxQueryMs: values["query-every"] * 1017,
    onSilence: (silentMs) =>
      log.warning(`${client.server} has been silent for ${Math.round(silentMs / 1000)} s`),
  });
  signal.addEventListener("abort", () => void changes.return?.());
  for await (const change of changes) {
    print(new Map([[change.id, change.value]]), call);
    if (values.exec !== undefined) await execute(values.exec, change, call);
    if (values.once) break;
  }
}

async function execute(command: string, { id, value }: Change, { log }: Call): Promise<void> {
  const [shell, flag] = Deno.build.os === "windows" ? ["cmd", "/c"] : ["sh", "-c"];
  const child = new Deno.Command(shell, {
    args: [flag, command],
    env: { MODSTAMP_ID: id, MODSTAMP_VALUE: value.replaceAll("\0", "") },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const { code } = await child.status;
  if (code !== 0) log.warning(`The command for ${id} exited with ${code}`);
}

async function clientOptions(
  { values, log }: Call,
): Promise<Omit<ModstampClientOptions, "hostname"> & { loop: EventLoop }> {
  const onError = (error: unknown): void => log.error(messageOf(error));
  const { profile } = values;
  return {
    loop: new EventLoop({ onError, onFallback: (reason) => log.warning(reason) }),
    onError,
    profile: profile === undefined
      ? undefined
      : SecurityProfile.parse(await readGivenFile(profile, "security profile"), {
        source: profile,
      }),
  };
}

function requestOptions({ values, signal }: Call) {
  return {
    signal,
    timeoutMs: values.timeout * 1000,
    strategy: values.value as ValueStrategy,
  };
}

function readServer(text: string): { hostname: string; port?: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)|([^[\]]*:[^[\]]*:[^[\]]*))(?::(\d{1,5}))?$/.exec(text);
  const hostname = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (hostname === undefined || port === 0 || (port !== undefined && port > 65_535)) {
    throw new UsageError(`Cannot use server ${text} as it is not HOST, HOST:PORT or [IPV6]:PORT`);
  }
  return { hostname, port };
}

function readIds(args: string[]): Map<string, string | null> {
  const ids = new Map<string, string | null>();
  for (const arg of args) {
    const at = arg.indexOf("=");
    const id = at < 0 ? arg : arg.slice(0, at);
    const value = at < 0 ? null : arg.slice(at + 1);
    if (!isId(id)) {
      throw new UsageError(`Cannot use id ${id} as it is not 1 to 255 of 0-9 A-Z a-z _ . : -`);
    }
    const bytes = value === null ? 0 : new TextEncoder().encode(value).length;
    if (bytes > 255) {
      throw new UsageError(
        `Cannot use the value of ${id} as it has ${bytes} bytes: 255 are the most`,
      );
    }
    ids.set(id, value);
  }
  return ids;
}

function print(changes: ReadonlyMap<string, string>, { values }: Call): void {
  for (const [id, value] of changes) {
    console.log(values.json ? JSON.stringify({ id, value }) : `${id}=${escapeControls(value)}`);
  }
}

function escapeControls(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
