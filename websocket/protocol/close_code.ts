/** Close codes that this package sends or reports (RFC 6455, 7.4.1). */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** The server goes down, or the page was left. */
  goingAway: 1001,
  /** The peer broke the protocol. */
  protocolError: 1002,
  /** A kind of message that can't be handled. */
  unsupportedData: 1003,
  /** Reported only: the close frame held no code. */
  noStatus: 1005,
  /** Reported only: the connection was lost. */
  abnormal: 1006,
  /** Text that is no UTF-8, or data that can't be decoded. */
  invalidData: 1007,
  /** The peer broke a rule of the server. */
  policyViolation: 1008,
  /** A message or frame over the limit. */
  messageTooBig: 1009,
  /** The client needs an extension that was not negotiated. */
  mandatoryExtension: 1010,
  /** The server failed. */
  internalError: 1011,
  /** The server can't serve this peer now. */
  tryAgainLater: 1013,
} as const;

const NEVER_SENT: readonly number[] = [1004, 1005, 1006];

/**
 * Whether `code` may stand in a close frame: 1000 to 1014 without those that
 * are only reported, or 3000 to 4999.
 *
 * @example Reserved codes may not be sent
 * ```ts
 * import { isSendableCode } from "@sluice/sluice/websocket";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isSendableCode(1000));
 * assert(isSendableCode(4999));
 * assertFalse(isSendableCode(1006));
 * ```
 */
export function isSendableCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && !NEVER_SENT.includes(code);
}
