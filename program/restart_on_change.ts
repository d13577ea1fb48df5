import { EventLoop, selfCommand, type UnstableFeature } from "../loop/mod.ts";
import type { Log } from "./log.ts";
import { UsageError } from "./usage_error.ts";

/** How long to wait for further changes, as editors write a file in several steps. */
const SETTLE_MS = 100;

/** Options of {@linkcode restartOnChange}. */
export interface RestartOptions {
  /** The URL of the program. */
  url: string;
  /** The unstable features of the platform that it needs. */
  features: readonly UnstableFeature[];
  /** What it is called with. */
  args: readonly string[];
  /** The module whose files are watched, with all local ones that it imports. */
  entry: URL;
  /** Told of each start. */
  log: Log;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Runs a program in a process of its own, and starts it again, after it has
 * stopped by itself, whenever a file changes that it consists of. For
 * developing: connections are lost, and a program that fails is started again
 * only with the next change.
 */
export async function restartOnChange(options: RestartOptions): Promise<void> {
  const { log, signal } = options;
  while (!signal.aborted) {
    const files = await localFiles(options.entry);
    const child = selfCommand(options).spawn();
    await using _running = {
      [Symbol.asyncDispose]: async () => {
        try {
          child.kill("SIGTERM");
        } catch (error) {
          // It has ended by itself.
          if (!(error instanceof TypeError)) throw error;
        }
        await child.status;
      },
    };
    const changed = await firstChange(files, signal);
    if (changed !== null) log.info(`restarting as ${changed} has changed`);
  }
}

/** The local files that a module consists of. */
async function localFiles(entry: URL): Promise<Set<string>> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry.href],
    stdout: "piped",
    stderr: "null",
  });
  const { stdout } = await command.output();
  const { modules = [] } = JSON.parse(new TextDecoder().decode(stdout) || "{}") as {
    modules?: { local?: string; specifier: string }[];
  };
  const files = modules.filter(({ specifier }) => specifier.startsWith("file:"))
    .map(({ specifier }) => fileOf(new URL(specifier)));
  return new Set([fileOf(entry), ...files]);
}

function fileOf(url: URL): string {
  if (url.protocol !== "file:") {
    throw new UsageError(`Cannot watch ${url} as it is no local file`);
  }
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1).replaceAll("/", "\\") : path;
}

/** Waits until one of the files has changed; `null` when it was aborted before. */
async function firstChange(files: Set<string>, signal: AbortSignal): Promise<string | null> {
  // Folders, as many editors put another file in the place of the old one.
  const folders = new Set([...files].map((file) => file.replace(/[/\\][^/\\]*$/, "") || "/"));
  const watcher = Deno.watchFs([...folders], { recursive: false });
  const abort = (): void => watcher.close();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) watcher.close();
  try {
    for await (const { kind, paths } of watcher) {
      const changed = kind === "access" ? undefined : paths.find((path) => files.has(path));
      if (changed === undefined) continue;
      await EventLoop.default().sleep(SETTLE_MS);
      return changed;
    }
    return null;
  } finally {
    signal.removeEventListener("abort", abort);
    if (!signal.aborted) watcher.close();
  }
}
