import { StoreError } from "../../store_error.ts";

/**
 * Gives back to the system what a file of Deno KV takes for what is long gone. Nobody may use the
 * file meanwhile. Needs as much room again as is left in the end.
 *
 * @param path The file.
 * @throws {StoreError} When it can't be done; then nothing has changed.
 */
export async function compactFile(path: string): Promise<void> {
  const worker = new Worker(new URL("./compaction_worker.ts", import.meta.url), { type: "module" });
  try {
    const failure = await new Promise<string | null>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<string | null>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new StoreError(`Cannot compact ${path} as ${event.message}`, { code: "failed" }));
      };
      worker.postMessage(path);
    });
    if (failure === null) return;
    throw new StoreError(`Cannot compact ${path} as SQLite says: ${failure}`, { code: "failed" });
  } finally {
    worker.terminate();
  }
}

/** How many bytes a file of Deno KV takes, what is not yet in its place included. */
export function fileBytes(path: string): { settled: number; pending: number } {
  return { settled: sizeOf(path), pending: sizeOf(`${path}-wal`) };
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
