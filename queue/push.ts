/**
 * Pushes many jobs as a program: `deno run -A queue/push.ts JOBS.ndjson`.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import {
  type FlagTable,
  type FlagValues,
  type Log,
  netOf,
  runProgram,
  someOf,
  UsageError,
} from "../program/mod.ts";
import type { Progress } from "../program/mod.ts";
import { BulkPush } from "./line/bulk_push.ts";

const flags = {
  server: {
    type: "text",
    default: "127.0.0.1:8001",
    value: "HOST:PORT",
    help: "server of the line protocol that takes the jobs",
  },
} as const satisfies FlagTable;

const NOTES = `Each line of a file is a job: {"job":"resize","data":{"url":"…"}}
FILE may be - for standard input. What is pushed is durable when the program has ended.
Exit codes: 0 all are pushed, 1 failed or lines were no jobs, 2 wrong flags.`;

interface Call {
  values: FlagValues<typeof flags>;
  positionals: string[];
  log: Log;
  progress: Progress;
  signal: AbortSignal;
}

interface Source {
  readonly readable: ReadableStream<Uint8Array>;
  /** How long it is in bytes; `null` when nobody knows. */
  readonly size: number | null;
}

async function open(path: string): Promise<Source> {
  if (path === "-") return { readable: Deno.stdin.readable, size: null };
  try {
    const file = await Deno.open(path);
    const { isFile, size } = await file.stat();
    return { readable: file.readable, size: isFile ? size : null };
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UsageError(`Cannot push ${path} as ${reason}`);
  }
}

function readServer(text: string): { hostname: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? 0);
  if (match === null || port === 0 || port > 65_535) {
    throw new UsageError(`Cannot use --server ${text} as it is not HOST:PORT`);
  }
  return { hostname: (match[1] ?? match[2])!, port };
}

async function push({ values, positionals, log, progress, signal }: Call): Promise<number> {
  if (positionals.length === 0) throw new UsageError("Cannot push without FILE…, or - for input");
  const server = readServer(values.server);
  const sources = await Promise.all(positionals.map(open));
  const size = sources.reduce<number | null>(
    (sum, each) => sum === null || each.size === null ? null : sum + each.size,
    0,
  );
  await using loop = new EventLoop({ poller: "portable" });
  const bulk = new BulkPush({ ...server, loop, onRefused: (why) => log.warning(why) });
  {
    using _line = progress.follow(loop, () => describe(bulk, size, loop.now()));
    for (const { readable } of sources) await bulk.send(readable, { signal });
    await bulk.finish({ signal });
  }
  const { lines, refused } = bulk;
  log.info(`pushed ${lines - refused} jobs, ${refused} refused`, {
    pushed: lines - refused,
    refused,
  });
  return refused === 0 ? 0 : 1;
}

function describe({ lines, bytes, startedAt }: BulkPush, size: number | null, now: number): string {
  const rate = Math.round(lines * 1000 / Math.max(1, now - startedAt));
  const share = size === null ? "" : `${Math.floor(100 * bytes / Math.max(1, size))} %, `;
  return `${share}${lines.toLocaleString("en")} jobs, ${rate.toLocaleString("en")} a second`;
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "queue/push.ts",
      url: import.meta.url,
      features: [],
      summary: "Pushes jobs from files to a server, one a line.",
      usage: ["FILE… [FLAGS]"],
      notes: NOTES,
      flags,
      permissions: ({ values, positionals }) => {
        const { hostname, port } = readServer(values.server);
        const files = positionals.filter((path) => path !== "-");
        return [...netOf(hostname, port), ...someOf("read", ...files)];
      },
      main: push,
    }),
  );
}
