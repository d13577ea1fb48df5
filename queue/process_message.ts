import type { JobBody } from "./job_body.ts";
import type { ReleaseOptions } from "./job_store.ts";

/** What a pool tells a process. */
export type ToProcess =
  /** Run a job. */
  | {
    readonly kind: "run";
    readonly id: number;
    readonly body: JobBody;
    readonly attempt: number;
    readonly maxAttempts: number;
  }
  /** Abort a job, for a reason that is a `DOMException` of this name. */
  | {
    readonly kind: "abort";
    readonly id: number;
    readonly name: string;
    readonly message: string;
  };

/** What a process tells its pool. */
export type FromProcess =
  /** It can run jobs. */
  | { readonly kind: "ready" }
  /** A job has returned. */
  | { readonly kind: "done"; readonly id: number; readonly result?: string }
  /** A job has failed. */
  | {
    readonly kind: "failed";
    readonly id: number;
    readonly name: string;
    readonly message: string;
    readonly isHopeless: boolean;
  }
  /** A job asked for something. */
  | { readonly kind: "touch"; readonly id: number }
  | { readonly kind: "progress"; readonly id: number; readonly value: unknown }
  | { readonly kind: "release"; readonly id: number; readonly options: ReleaseOptions }
  | { readonly kind: "bury"; readonly id: number; readonly reason?: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a message. */
export function encodeMessage(message: ToProcess | FromProcess): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(message));
}

/** Reads a message; `null` when it is none. */
export function decodeMessage<Message extends ToProcess | FromProcess>(
  bytes: Uint8Array,
): Message | null {
  try {
    const message = JSON.parse(decoder.decode(bytes));
    return typeof message?.kind === "string" ? message : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
