/**
 * Makes the file of a queue small again as a program: `deno run -A queue/compact.ts queue.db`.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import { type Log, type Progress, runProgram, UsageError, wholeOf } from "../program/mod.ts";
import { KvJobStore } from "./mod.ts";
import { compactFile, fileBytes } from "./stores/kv/compaction.ts";

const NOTES = `A file keeps the room of jobs that are long gone, for others to come. Stop the server
before; nothing is lost when this is interrupted. Needs as much free room as the jobs take.
Exit codes: 0 done, 1 failed, 2 wrong call.`;

const MEBIBYTE = 2 ** 20;

function format(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}

/** Fails when the file is none of a queue, or in use. */
async function check(path: string, loop: EventLoop): Promise<void> {
  if (fileBytes(path).settled === 0) {
    throw new UsageError(`Cannot compact ${path} as there is no such file`);
  }
  await using _store = await KvJobStore.open({ path, loop });
}

async function compact(path: string, call: { log: Log; progress: Progress }): Promise<void> {
  await using loop = new EventLoop({ poller: "portable" });
  await check(path, loop);
  const before = fileBytes(path).settled;
  const start = loop.now();
  {
    using _line = call.progress.follow(loop, () => {
      const seconds = Math.floor((loop.now() - start) / 1000);
      const written = fileBytes(path).pending;
      const what = written === 0 ? "reading" : `${format(written)} written`;
      return `compacting ${format(before)}: ${what}, ${seconds} s`;
    });
    await compactFile(path);
  }
  const after = fileBytes(path).settled;
  call.log.info(`compacted ${path} from ${format(before)} to ${format(after)}`, { before, after });
}

if (import.meta.main) {
  Deno.exit(
    await runProgram({
      name: "queue/compact.ts",
      url: import.meta.url,
      features: ["kv"],
      summary: "Makes the file of a queue small again.",
      usage: ["FILE [FLAGS]"],
      notes: NOTES,
      flags: {},
      // SQLite attaches a file of its own, which Deno lets those only who may do all.
      permissions: () => wholeOf("all"),
      main: async ({ positionals: [path, ...rest], log, progress }) => {
        if (path === undefined || rest.length > 0) {
          throw new UsageError("Cannot compact without FILE, the file of one queue");
        }
        await compact(path.replace(/^kv:/, ""), { log, progress });
      },
    }),
  );
}
