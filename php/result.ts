import type { PhpSlot } from "./value.ts";

/** What is wrong with input. */
export interface DecodeError {
  /**
   * The kind of fault: the input ends too early, is not what PHP writes, or goes beyond a limit.
   */
  readonly code: "incomplete" | "malformed" | "limit";
  /** Where in the input it was found, in bytes. */
  readonly offset: number;
  /** What is wrong, for people. */
  readonly reason: string;
}

/** That input could not be decoded. */
export interface DecodeFailure {
  /** Tells a failure from a success. */
  readonly ok: false;
  /** What is wrong. */
  readonly error: DecodeError;
}

/** What was decoded, or why nothing was. */
export type DecodeResult = DecodeSuccess | DecodeFailure;

/** A value that was decoded. */
export interface DecodeSuccess {
  /** Tells a success from a failure. */
  readonly ok: true;
  /**
   * The value; a {@link PhpReference} when something inside refers back to the whole as `R:1;`.
   */
  readonly value: PhpSlot;
  /** Where the value ends in the input, in bytes. */
  readonly end: number;
}
