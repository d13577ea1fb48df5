import type { RandomSource } from "../../loop/mod.ts";
import type { SessionCodec } from "./session_codec.ts";
import type { SessionStore } from "./session_store.ts";

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
  /** How often a save is tried while others write. */
  readonly maxAttempts: number;
}
