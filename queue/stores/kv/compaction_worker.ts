/**
 * The thread of a {@linkcode compactFile}, as SQLite's own compaction lets nothing else happen.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";

/** How long to wait for others who write in the file. */
const PATIENCE_MS = 5000;

interface Thread {
  onmessage: ((event: { data: string }) => void) | null;
  postMessage(failure: string | null): void;
}

const thread = globalThis as unknown as Thread;

function compact(path: string): string | null {
  try {
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
      database.exec("VACUUM");
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      database.close();
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

thread.onmessage = ({ data }) => thread.postMessage(compact(data));
