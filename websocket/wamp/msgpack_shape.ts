import { MAX_DEPTH } from "./serializer.ts";

/** What follows the first byte of a value. */
interface Shape {
  /** Bytes of its length, or of the value itself. */
  readonly head: number;
  /** What the length counts: bytes, values, pairs; or nothing, as it is the value. */
  readonly unit: "bytes" | "values" | "pairs" | "none";
  /** Bytes beside those that are counted. */
  readonly extra: number;
}

const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  ...[0xc0, 0xc2, 0xc3].map((byte) => entry(byte, "none", { head: 0 })),
  ...[0xc4, 0xc5, 0xc6].map((byte, i) => entry(byte, "bytes", { head: 1 << i })),
  ...[0xc7, 0xc8, 0xc9].map((byte, i) => entry(byte, "bytes", { head: 1 << i, extra: 1 })),
  ...[0xca, 0xcb].map((byte, i) => entry(byte, "none", { head: 4 << i })),
  ...[0xcc, 0xcd, 0xce, 0xcf].map((byte, i) => entry(byte, "none", { head: 1 << i })),
  ...[0xd0, 0xd1, 0xd2, 0xd3].map((byte, i) => entry(byte, "none", { head: 1 << i })),
  ...[0xd4, 0xd5, 0xd6, 0xd7, 0xd8].map((byte, i) => entry(byte, "none", { head: 1 + (1 << i) })),
  ...[0xd9, 0xda, 0xdb].map((byte, i) => entry(byte, "bytes", { head: 1 << i })),
  ...[0xdc, 0xdd].map((byte, i) => entry(byte, "values", { head: 2 << i })),
  ...[0xde, 0xdf].map((byte, i) => entry(byte, "pairs", { head: 2 << i })),
]);

function entry(
  byte: number,
  unit: Shape["unit"],
  { head, extra = 0 }: { head: number; extra?: number },
): [number, Shape] {
  return [byte, { head, unit, extra }];
}

/**
 * Whether bytes are one value of MessagePack that is whole and not too deep. A
 * decoder makes room for a list before it reads it: this is how one knows that
 * the list is really there.
 *
 * @param bytes The bytes.
 */
export function isWholeMsgpack(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** Values that are still to come, by depth. */
  const open = [1];
  let wanted = 1;
  let at = 0;
  while (wanted > 0) {
    // Each value takes a byte at least.
    if (wanted > bytes.length - at || open.length > MAX_DEPTH) return false;
    const { values, next } = step(view, at);
    if (next > bytes.length) return false;
    at = next;
    wanted += values - 1;
    open[open.length - 1]!--;
    if (values > 0) open.push(values);
    while (open.length > 0 && open.at(-1) === 0) open.pop();
  }
  return at === bytes.length;
}

/** How many values are in the one at `at`, and where it ends or the first of them begins. */
function step(view: DataView, at: number): { values: number; next: number } {
  const byte = view.getUint8(at);
  if (byte <= 0x7f || byte >= 0xe0) return { values: 0, next: at + 1 };
  if (byte <= 0x8f) return { values: (byte & 0x0f) * 2, next: at + 1 };
  if (byte <= 0x9f) return { values: byte & 0x0f, next: at + 1 };
  if (byte <= 0xbf) return { values: 0, next: at + 1 + (byte & 0x1f) };
  const shape = SHAPES.get(byte);
  if (shape === undefined) return { values: 0, next: Infinity };
  const next = at + 1 + shape.head;
  if (shape.unit === "none" || next > view.byteLength) return { values: 0, next };
  const length = readLength(view, at + 1, shape.head);
  if (shape.unit === "bytes") return { values: 0, next: next + shape.extra + length };
  return { values: shape.unit === "pairs" ? length * 2 : length, next };
}

function readLength(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}
