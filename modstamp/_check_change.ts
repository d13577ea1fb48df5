import { isId } from "./id.ts";

const MAX_VALUE_BYTES = 255;

/**
 * Looks whether an id may have a value.
 *
 * @throws {RangeError} When it may not.
 */
export function checkChange(id: string, value: Uint8Array): void {
  if (!isId(id)) {
    throw new RangeError(
      `Cannot change modstamp ${JSON.stringify(id)} as it is not 1 to 255 of 0-9 A-Z a-z _ . : -`,
    );
  }
  if (value.length > MAX_VALUE_BYTES) {
    throw new RangeError(
      `Cannot change modstamp ${id} as the value has more than 255 bytes: ${value.length}`,
    );
  }
}
