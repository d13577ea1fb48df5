import type { SupervisorStatus } from "./supervisor_status.ts";

/** Writes a status as a table for people. */
export function statusText(status: SupervisorStatus): string {
  const { pid, hostname, port, share, counts } = status;
  const where = port === 0 ? "no port" : `${hostname}:${port} (${share})`;
  const ready = status.workers.filter(({ state }) => state === "ready").length;
  const rows = status.workers.map((worker) => [
    String(worker.id),
    String(worker.pid),
    worker.state,
    duration(worker.uptimeMs),
    `${(worker.rssBytes / 2 ** 20).toFixed(0)} MiB`,
    String(worker.requests),
  ]);
  return [
    `supervisor ${pid} on ${where}, up ${duration(status.uptimeMs)}`,
    `${ready} of ${status.size} workers ready, ${counts.crashed} crashed, ${counts.killed} killed, ` +
    `${counts.reloads} reloads${status.crashLooping ? ", CRASH LOOP" : ""}`,
    ...status.notices.map((notice) => `notice: ${notice}`),
    ...table([["worker", "pid", "state", "up", "memory", "requests"], ...rows]),
  ].join("\n");
}

function table(rows: string[][]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}
