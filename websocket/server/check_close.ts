import { isSendableCode } from "../protocol/close_code.ts";

const MAX_REASON_BYTES = 123;

/**
 * Checks what is to be sent in a close frame.
 *
 * @throws {RangeError} When the code may not be sent or the reason is too long.
 */
export function checkClose(code: number, reason: string): void {
  if (!isSendableCode(code)) {
    throw new RangeError(`Cannot close connection with code ${code} as it may not be sent`);
  }
  if (reason.length * 3 <= MAX_REASON_BYTES) return;
  const { length } = new TextEncoder().encode(reason);
  if (length > MAX_REASON_BYTES) {
    throw new RangeError(
      `Cannot close connection as the reason is longer than ${MAX_REASON_BYTES} bytes: ${length}`,
    );
  }
}
