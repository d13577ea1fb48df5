/**
 * A worker of `modstamp/server.ts --workers`, which starts it: serves the shared port and leaves
 * the values to its supervisor.
 *
 * @module
 */
import { EventLoop } from "../loop/mod.ts";
import {
  LinkedModstampStore,
  ModstampServer,
  type ModstampServerOptions,
  SecurityProfile,
} from "./mod.ts";

/** What a worker is told on its command line, as JSON. */
export interface WorkerSettings
  extends Omit<ModstampServerOptions, "loop" | "store" | "profile" | "onError" | "reusePort"> {
  /** The path of the security profile; its keys must not show among the processes. */
  profilePath?: string;
}

if (import.meta.main) {
  const { worker } = await import("@sluice/sluice/prefork");
  const context = await worker();
  const { profilePath, ...settings }: WorkerSettings = JSON.parse(Deno.args[0] ?? "{}");
  const onError = (error: unknown): void =>
    console.error(error instanceof Error ? error.message : String(error));
  const loop = new EventLoop({ onError });
  const server = await ModstampServer.listen({
    ...settings,
    loop,
    onError,
    reusePort: true,
    store: new LinkedModstampStore(context),
    profile: profilePath === undefined
      ? undefined
      : SecurityProfile.parse(await Deno.readTextFile(profilePath), { source: profilePath }),
  });
  context.onRetire(async () => {
    await server[Symbol.asyncDispose]();
    await loop[Symbol.asyncDispose]();
  });
  context.ready();
}
