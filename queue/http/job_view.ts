import type { StoredJob } from "../stored_job.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A stored job as JSON shows it: its body as JSON, as text, or else in base64. */
export function viewJob(job: StoredJob): Record<string, unknown> {
  const { id, tube, state, priority, delayMs, ttrMs, timeLeftMs } = job;
  const { attempts, maxAttempts, timeouts, releases, buries, kicks } = job;
  return {
    id,
    queue: tube,
    state,
    ...viewBody(job.body),
    priority,
    createdAt: new Date(job.createdAt).toISOString(),
    delayMs,
    ttrMs,
    timeLeftMs,
    attempts,
    maxAttempts,
    timeouts,
    releases,
    buries,
    kicks,
    key: job.key,
    concurrencyKey: job.concurrencyKey,
    reason: job.reason,
    history: job.history.map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event })),
  };
}

/** The body as JSON, as text, or else in base64. */
export function viewBody(body: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { base64: btoa(body.reduce((chars, byte) => chars + String.fromCharCode(byte), "")) };
  }
  try {
    return { body: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { text };
  }
}
