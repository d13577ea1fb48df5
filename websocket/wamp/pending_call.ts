import type { Handle } from "../../loop/mod.ts";
import type { Callee } from "./registration.ts";
import { ErrorUri, type Keywords, WampError } from "./wamp_error.ts";
import type { WampSession } from "./wamp_session.ts";

/** A call as a client has made it. */
export interface CallRequest {
  /** Who calls. */
  readonly session: WampSession;
  /** What is called. */
  readonly procedure: string;
  /** The values. */
  readonly args: readonly unknown[];
  /** The values by name. */
  readonly kwargs: Keywords | null;
  /** Whether the caller takes results before the last one. */
  readonly receiveProgress: boolean;
  /** Whether the callee may know who calls. */
  readonly disclose: boolean;
  /** How long it may take in milliseconds; 0 for as long as it takes. */
  readonly timeoutMs: number;
}

/** What a call comes to. */
export interface Outcome {
  /** The values. */
  readonly args: readonly unknown[];
  /** The values by name. */
  readonly kwargs: Keywords | null;
}

/** Takes what a call comes to. */
export interface CallSink {
  /** A result that is not the last one. */
  progress(outcome: Outcome): void;
  /** The result. */
  result(outcome: Outcome): void;
  /** There will be no result. */
  error(error: WampError): void;
}

/** How a call is canceled: `skip` leaves the callee alone, `kill` waits for it, `killnowait` does not. */
export type CancelMode = "skip" | "kill" | "killnowait";

/** A call that has no result yet. */
export class PendingCall {
  /** The call. */
  readonly request: CallRequest;
  readonly #sink: CallSink;
  readonly #controller = new AbortController();
  #callee: { readonly callee: Callee; readonly invocationId: number } | null = null;
  #timer: Handle | null = null;
  #settled = false;
  #onEnd: ((error: WampError | null) => void) | null = null;

  /**
   * @param request The call.
   * @param sink Takes what it comes to, and exactly one end.
   */
  constructor(request: CallRequest, sink: CallSink) {
    this.request = request;
    this.#sink = sink;
  }

  /** Aborted when the call is canceled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it has come to an end. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Who works on it, when that is a client. */
  get callee(): Callee | null {
    return this.#callee?.callee ?? null;
  }

  /** A client works on it. */
  assign(callee: Callee, invocationId: number): void {
    this.#callee = { callee, invocationId };
    callee.invocations.set(invocationId, this);
  }

  /** It ends in time, or by this timer. */
  arm(timer: Handle): void {
    this.#timer = timer;
  }

  /** Has `listener` told of the end. */
  whenEnded(listener: (error: WampError | null) => void): void {
    this.#onEnd = listener;
  }

  /** A result that is not the last one came; dropped when the caller wants none. */
  progress(outcome: Outcome): void {
    if (!this.#settled && this.request.receiveProgress) this.#sink.progress(outcome);
  }

  /** The result came. */
  resolve(outcome: Outcome): void {
    this.#release();
    if (!this.#settle(null)) return;
    try {
      this.#sink.result(outcome);
    } catch (error) {
      // A value that can't be sent; the caller must not wait for it.
      this.#sink.error(new WampError(ErrorUri.runtimeError));
      throw error;
    }
  }

  /** There will be no result. */
  reject(error: WampError): void {
    this.#release();
    if (this.#settle(error)) this.#sink.error(error);
  }

  /** Nobody waits for it any more, or not for long. */
  cancel(mode: CancelMode, error: WampError): void {
    if (this.#settled) return;
    const canCancel = this.#callee?.callee.canCancel ?? true;
    // Who can't be told can't be waited for either.
    const effective = canCancel ? mode : "skip";
    if (effective !== "skip") {
      this.#callee?.callee.interrupt(this.#callee.invocationId, effective);
      this.#controller.abort(error);
    }
    if (effective !== "kill" && this.#settle(error)) this.#sink.error(error);
  }

  /** The caller is gone: nothing is told to it any more. */
  abandon(error: WampError): void {
    if (!this.#settle(error)) return;
    if (this.#callee?.callee.canCancel) {
      this.#callee.callee.interrupt(this.#callee.invocationId, "killnowait");
    }
    this.#controller.abort(error);
  }

  #release(): void {
    this.#callee?.callee.invocations.delete(this.#callee.invocationId);
  }

  #settle(error: WampError | null): boolean {
    this.#timer?.cancel();
    if (this.#settled) return false;
    this.#settled = true;
    this.#onEnd?.(error);
    return true;
  }
}
