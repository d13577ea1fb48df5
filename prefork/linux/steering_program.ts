/** Instructions of the classic packet filter (linux/filter.h). */
const LOAD_ANCILLARY = 0x20;
const MODULO = 0x94;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** Where a filter reads a random number instead of the packet (SKF_AD_OFF + SKF_AD_RANDOM). */
const RANDOM = (-0x1000 + 56) >>> 0;
/** Bytes of one instruction. */
const INSTRUCTION_BYTES = 8;
/** Memory this small may move; the kernel gets its address. */
const STABLE_BYTES = 128;
/** What the kernel accepts at most (BPF_MAXINSNS), two a socket and three besides. */
const MAX_TARGETS = 2000;

/**
 * Writes a filter for SO_ATTACH_REUSEPORT_CBPF that deals out new connections at random among
 * some of the sockets of a group.
 *
 * @param targets The numbers of the sockets in the group.
 * @returns The instructions, and how many there are.
 */
export function steeringProgram(
  targets: readonly number[],
): { bytes: Uint8Array<ArrayBuffer>; length: number } {
  const chosen = targets.slice(0, MAX_TARGETS);
  const length = 3 + 2 * chosen.length;
  const bytes = new Uint8Array(Math.max(STABLE_BYTES, length * INSTRUCTION_BYTES));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (code: number, value: number, otherwise = 0): void => {
    view.setUint16(at, code, true);
    view.setUint8(at + 3, otherwise);
    view.setUint32(at + 4, value, true);
    at += INSTRUCTION_BYTES;
  };
  put(LOAD_ANCILLARY, RANDOM);
  put(MODULO, chosen.length);
  chosen.forEach((target, i) => {
    put(JUMP_IF_EQUAL, i, 1);
    put(RETURN, target);
  });
  // A filter has to end with a return, although none gets here.
  put(RETURN, chosen[0]);
  return { bytes, length };
}
