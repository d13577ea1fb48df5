import type { WorkerConfig } from "./_worker_config.ts";

/** What the supervisor tells a worker. */
export type ToWorker =
  | { type: "config"; config: WorkerConfig }
  | { type: "ping" }
  | { type: "drain" }
  | { type: "retire" }
  | { type: "stop" }
  | { type: "reopen" };

/** What a worker tells the supervisor. */
export type ToSupervisor =
  | { type: "hello" }
  | { type: "managed" }
  | { type: "loaded" }
  | { type: "ready"; http?: boolean }
  | { type: "drained" }
  | { type: "done" }
  | { type: "failed"; reason: string }
  | { type: "pong"; rssBytes: number; requests: number }
  | { type: "spent" }
  | { type: "subscribe"; topic: string }
  | { type: "unsubscribe"; topic: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a control message. */
export function encodeControl(message: ToWorker | ToSupervisor): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(message));
}

/** Reads what the supervisor said; `null` when it makes no sense. */
export function decodeToWorker(payload: Uint8Array): ToWorker | null {
  const message = parse(payload);
  if (message === null || !isOneOf(message.type, TO_WORKER)) return null;
  if (message.type === "config" && typeof message.config !== "object") return null;
  return message as ToWorker;
}

/** Reads what a worker said; `null` when it makes no sense. */
export function decodeToSupervisor(payload: Uint8Array): ToSupervisor | null {
  const message = parse(payload);
  if (message === null || !isOneOf(message.type, TO_SUPERVISOR)) return null;
  const { type, reason, rssBytes, requests, topic, http = false } = message;
  if (type === "ready" && typeof http !== "boolean") return null;
  if (type === "failed" && typeof reason !== "string") return null;
  if (type === "pong" && !(isCount(rssBytes) && isCount(requests))) return null;
  if (type.endsWith("subscribe") && !(typeof topic === "string")) return null;
  return message as ToSupervisor;
}

const TO_WORKER = ["config", "ping", "drain", "retire", "stop", "reopen"];
const TO_SUPERVISOR = [
  "hello",
  "managed",
  "loaded",
  "ready",
  "drained",
  "done",
  "failed",
  "pong",
  "spent",
  "subscribe",
  "unsubscribe",
];

type Parsed = Record<string, unknown> & { type: string };

function parse(payload: Uint8Array): Parsed | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    const isMessage = typeof value === "object" && value !== null &&
      typeof (value as Parsed).type === "string";
    return isMessage ? value as Parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isOneOf(type: string, types: readonly string[]): boolean {
  return types.includes(type);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}
