import type { DecodeError, DecodeFailure } from "./result.ts";

/**
 * Leaves a decoder from any depth, and never this folder. It is no `Error` because capturing a
 * stack takes microseconds, and a peer decides how many faults there are.
 */
export class DecodeFault implements DecodeError {
  readonly code: DecodeError["code"];
  readonly offset: number;
  readonly reason: string;

  constructor(code: DecodeError["code"], offset: number, reason: string) {
    this.code = code;
    this.offset = offset;
    this.reason = reason;
  }
}

/**
 * Runs a decoder and gives its fault as a result.
 *
 * @param run The decoder.
 * @returns What it returns, or what is wrong with its input.
 */
export function attempt<T>(run: () => T): T | DecodeFailure {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
    const { code, offset, reason } = error;
    return { ok: false, error: { code, offset, reason } };
  }
}
