import type { StoredJob } from "../stored_job.ts";
import { noTubeStats } from "../stores/tube_table.ts";
import type { ServerState } from "./server_state.ts";

/** The version of the protocol that is served, as its reference implementation numbers it. */
const VERSION = "1.12";

const COUNTED = [
  "put",
  "peek",
  "peek-ready",
  "peek-delayed",
  "peek-buried",
  "reserve",
  "reserve-with-timeout",
  "delete",
  "release",
  "use",
  "watch",
  "ignore",
  "bury",
  "kick",
  "touch",
  "stats",
  "stats-job",
  "stats-tube",
  "list-tubes",
  "list-tube-used",
  "list-tubes-watched",
  "pause-tube",
] as const;

/** What `stats` answers. */
export function reportServer(state: ServerState): string {
  const { store, identity } = state;
  const { totals, ...jobs } = store.stats();
  return yaml({
    "current-jobs-urgent": jobs.urgent,
    "current-jobs-ready": jobs.ready,
    "current-jobs-reserved": jobs.reserved,
    "current-jobs-delayed": jobs.delayed,
    "current-jobs-buried": jobs.buried,
    ...Object.fromEntries(COUNTED.map((op) => [`cmd-${op}`, state.counts.get(op) ?? 0])),
    "job-timeouts": totals.timeouts,
    "total-jobs": totals.pushed,
    "max-job-size": state.maxJobBytes,
    "current-tubes": state.tubeNames().length,
    "current-connections": state.connections,
    "current-producers": state.producers,
    "current-workers": state.workers,
    "current-waiting": state.waiting,
    "total-connections": state.totalConnections,
    "pid": identity.pid,
    "version": `"${VERSION}"`,
    // The processor time of a process can't be had everywhere.
    "rusage-utime": "0.000000",
    "rusage-stime": "0.000000",
    "uptime": seconds(state.loop.now() - state.startedAt),
    "binlog-oldest-index": 0,
    "binlog-current-index": 0,
    "binlog-records-migrated": 0,
    "binlog-records-written": 0,
    "binlog-max-size": 0,
    "draining": String(state.draining),
    "id": state.id,
    "hostname": identity.hostname,
    "os": identity.os,
    "platform": identity.platform,
  });
}

/** What `stats-tube` answers; `null` when there is no such tube. */
export function reportTube(state: ServerState, tube: string): string | null {
  if (!state.hasTube(tube)) return null;
  const stats = state.store.tubeStats(tube) ?? noTubeStats(tube);
  const entry = state.tubes.open(tube);
  return yaml({
    "name": tube,
    "current-jobs-urgent": stats.urgent,
    "current-jobs-ready": stats.ready,
    "current-jobs-reserved": stats.reserved,
    "current-jobs-delayed": stats.delayed,
    "current-jobs-buried": stats.buried,
    // The store forgets what an empty tube has counted, a tube in use doesn't.
    "total-jobs": Math.max(stats.totals.pushed, entry.puts),
    "current-using": entry.using,
    "current-watching": entry.watching,
    "current-waiting": entry.waiting,
    "cmd-delete": entry.deletes,
    "cmd-pause-tube": stats.pauses,
    "pause": seconds(stats.pauseMs),
    "pause-time-left": seconds(stats.pauseLeftMs),
  });
}

/** What `stats-job` answers. */
export function reportJob(state: ServerState, job: StoredJob): string {
  return yaml({
    "id": job.id,
    "tube": job.tube,
    "state": job.state,
    "pri": job.priority,
    "age": seconds(state.loop.wallNow() - job.createdAt),
    "delay": seconds(job.delayMs),
    "ttr": seconds(job.ttrMs),
    "time-left": seconds(job.timeLeftMs),
    "file": 0,
    "reserves": job.attempts,
    "timeouts": job.timeouts,
    "releases": job.releases,
    "buries": job.buries,
    "kicks": job.kicks,
  });
}

/** A list of names. */
export function reportNames(names: Iterable<string>): string {
  let text = "---\n";
  for (const name of names) text += `- ${name}\n`;
  return text;
}

function yaml(values: Readonly<Record<string, string | number>>): string {
  let text = "---\n";
  for (const [name, value] of Object.entries(values)) text += `${name}: ${value}\n`;
  return text;
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
