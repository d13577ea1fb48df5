import type { WampError } from "./wamp_error.ts";

/** A call under way, as who observes it wants to see it. */
export interface CallWatch {
  /** Hands the call to who answers it. */
  run<Result>(work: () => Result): Result;
  /** The call is over: it has failed, unless there is no error. */
  end(error: WampError | null): void;
}

/** Observes a {@linkcode WampServer}. */
export interface WampObserver {
  /** Somebody calls a procedure. */
  onCall(procedure: string): CallWatch;
}
