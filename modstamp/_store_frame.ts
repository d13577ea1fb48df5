/** What a server and the owner of its store tell each other. */
export type StoreFrame =
  | { kind: "load" }
  | { kind: "values"; changes: Map<string, Uint8Array>; version: number }
  | { kind: "loaded" }
  | { kind: "commit"; sequence: number; changes: Map<string, Uint8Array> }
  | { kind: "committed"; sequence: number; version: number }
  | { kind: "failed"; sequence: number; reason: string };

const KINDS = ["load", "values", "loaded", "commit", "committed", "failed"] as const;
const VERSION_AT = 5;
const HEAD_BYTES = 13;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a frame: its kind (1 byte), sequence number (4 bytes) and version (8), then ids and values. */
export function encodeStoreFrame(frame: StoreFrame): Uint8Array<ArrayBuffer> {
  const tail = "changes" in frame
    ? encodeChanges(frame.changes)
    : encoder.encode("reason" in frame ? frame.reason : "");
  const bytes = new Uint8Array(HEAD_BYTES + tail.length);
  bytes[0] = KINDS.indexOf(frame.kind);
  const view = new DataView(bytes.buffer);
  view.setUint32(1, "sequence" in frame ? frame.sequence : 0);
  view.setFloat64(VERSION_AT, "version" in frame ? frame.version : 0);
  bytes.set(tail, HEAD_BYTES);
  return bytes;
}

/** Reads a frame, or gives `null` when it is none. */
export function decodeStoreFrame(bytes: Uint8Array): StoreFrame | null {
  if (bytes.length < HEAD_BYTES) return null;
  const kind = KINDS[bytes[0]];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sequence = view.getUint32(1);
  const version = view.getFloat64(VERSION_AT);
  const tail = bytes.subarray(HEAD_BYTES);
  switch (kind) {
    case "load":
    case "loaded":
      return { kind };
    case "committed":
      return { kind, sequence, version };
    case "failed":
      return { kind, sequence, reason: decoder.decode(tail) };
    case "values":
    case "commit": {
      const changes = decodeChanges(tail);
      if (changes === null) return null;
      return kind === "values" ? { kind, changes, version } : { kind, sequence, changes };
    }
    default:
      return null;
  }
}

/** Writes ids and values, each with its length in front. */
export function encodeChanges(changes: ReadonlyMap<string, Uint8Array>): Uint8Array {
  let length = 0;
  for (const [id, value] of changes) length += 2 + id.length + value.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const [id, value] of changes) {
    bytes[at++] = id.length;
    for (let i = 0; i < id.length; i++) bytes[at++] = id.charCodeAt(i);
    bytes[at++] = value.length;
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/** Reads what {@linkcode encodeChanges} wrote, or gives `null` when it is not that. */
export function decodeChanges(bytes: Uint8Array): Map<string, Uint8Array> | null {
  const changes = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const idEnd = at + 1 + bytes[at];
    const valueEnd = idEnd + 1 + bytes[idEnd];
    if (!(valueEnd <= bytes.length)) return null;
    // Slices, as the bytes are the sender's again after this call.
    changes.set(decoder.decode(bytes.subarray(at + 1, idEnd)), bytes.slice(idEnd + 1, valueEnd));
    at = valueEnd;
  }
  return changes;
}
