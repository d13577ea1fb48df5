import type { FetchHandler } from "./fetch_handler.ts";
import { worker } from "./worker.ts";
import type { WorkerLink } from "./_worker_link.ts";

/** Serves the program of this worker when it exports a `fetch` function. */
export async function startProgram(link: WorkerLink): Promise<void> {
  const { kind } = link.config;
  const fetch = kind === "script" ? null : await exportedFetch();
  if (fetch !== null) {
    const me = await worker();
    try {
      await me.serve(fetch);
    } catch (error) {
      await link.fail(listenFault(error, me));
    }
  } else if (kind === "fetch") {
    await link.fail("it has no default export with a fetch function");
  } else link.tell({ type: "loaded" });
}

/** The program is in memory already, so this reads no file and needs no permission. */
async function exportedFetch(): Promise<FetchHandler | null> {
  const { default: exported } = await import(Deno.mainModule);
  const fetch = exported?.fetch;
  return typeof fetch === "function" ? fetch.bind(exported) : null;
}

function listenFault(error: unknown, at: { hostname: string; port: number }): string {
  const place = `${at.hostname}:${at.port}`;
  if (error instanceof Deno.errors.AddrInUse) return `port ${at.port} is taken`;
  if (error instanceof Deno.errors.PermissionDenied) return `it may not listen on ${place}`;
  if (error instanceof Deno.errors.NotCapable) return `it needs --allow-net to listen on ${place}`;
  const reason = error instanceof Error ? error.message : String(error);
  return `it can't listen on ${place}: ${reason}`;
}
