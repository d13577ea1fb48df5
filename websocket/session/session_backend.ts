import type { RandomSource } from "../../loop/mod.ts";
import type { SessionCodec } from "./session_codec.ts";
import type { SessionStore } from "./session_store.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** What all sessions of one kind share. */
export interface SessionBackend {
  /** Where they are kept. */
  readonly store: SessionStore;
  /** The form they are kept in. */
  readonly codec: SessionCodec;
  /** Where ids come from. */
  readonly random: RandomSource;
  /** How long one lives without use, in milliseconds, unless it says so itself. */
  readonly ttlMs: number;
  /** Most bytes of one. */
  readonly maxBytes: number;
  /** Lets the writes of one session wait for each other, instead of being tried again and again. */
  readonly turns: TurnQueue;
  /** How often a save is tried while other processes write. */
  readonly maxAttempts: number;
}
