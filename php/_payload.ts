import { Decoder } from "./_decoder.ts";
import { Entries } from "./_entries.ts";
import { attempt } from "./_fault.ts";
import { Reader } from "./_reader.ts";
import { originOf, setOrigin } from "./custom.ts";
import type { CustomOrigin, PhpCustom } from "./custom.ts";
import type { DecodeLimits } from "./limits.ts";

const UNLIMITED: Required<DecodeLimits> = {
  maxBytes: Infinity,
  maxDepth: Infinity,
  maxElements: Infinity,
  maxReferences: Infinity,
};

/**
 * Tells what the payload of an object is.
 *
 * @param custom The object; one that was not decoded has a payload that is numbered for itself.
 * @returns What decoding found out, or finds out now.
 */
export function payloadOf(custom: PhpCustom): CustomOrigin {
  const known = originOf(custom);
  if (known !== null) return known;
  const inner = new Entries();
  const isValue = attempt(() => {
    const reader = new Reader(custom.payload, 0);
    new Decoder(reader, UNLIMITED).read(inner, 0);
    return reader.at === reader.end;
  });
  const origin = { inner: isValue === true ? inner : null, slot: null };
  setOrigin(custom, origin);
  return origin;
}
