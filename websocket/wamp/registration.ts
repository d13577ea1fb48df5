import type { Connection } from "../connection.ts";
import type { PendingCall } from "./pending_call.ts";
import type { Match } from "./uri.ts";
import type { Keywords } from "./wamp_error.ts";
import type { WampSession } from "./wamp_session.ts";

/** Which of several callees a call goes to. */
export type InvocationPolicy = "single" | "roundrobin" | "random" | "first" | "last";

const POLICIES: readonly unknown[] = ["single", "roundrobin", "random", "first", "last"];

/** Whether a value names a policy. */
export function isPolicy(value: unknown): value is InvocationPolicy {
  return POLICIES.includes(value);
}

/** What a callee is told about a call. */
export interface Invocation {
  /** Its number with the callee. */
  readonly id: number;
  /** What was registered. */
  readonly registration: Registration;
  /** What was called. */
  readonly procedure: string;
  /** The values. */
  readonly args: readonly unknown[];
  /** The values by name. */
  readonly kwargs: Keywords | null;
  /** Whether the caller takes results before the last one. */
  readonly receiveProgress: boolean;
  /** Who called, when the callee may know. */
  readonly caller: WampSession | null;
}

/** Somebody who can register procedures. */
export interface Callee {
  /** The connection. */
  readonly connection: Connection;
  /** What it has registered. */
  readonly registrations: Set<Registration>;
  /** The calls that it works on, by their numbers with it. */
  readonly invocations: Map<number, PendingCall>;
  /** Whether it can be told that a call is canceled. */
  readonly canCancel: boolean;
  /** A number for its next call. */
  nextInvocationId(): number;
  /** Tells it of a call. */
  invoke(invocation: Invocation): void;
  /** Tells it that a call is canceled. */
  interrupt(invocationId: number, mode: string): void;
}

/** A procedure or pattern of procedures, and who answers. */
export interface Registration {
  /** Its number. */
  readonly id: number;
  /** The URI or pattern. */
  readonly uri: string;
  /** How it is compared. */
  readonly match: Match;
  /** Which of the callees a call goes to. */
  readonly policy: InvocationPolicy;
  /** Those who answer, in the order in which they registered. */
  readonly callees: Callee[];
  /** How many calls there were. */
  calls: number;
}
