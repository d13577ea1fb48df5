/** Who got the same peers before and after a socket joined the group, by inode. */
export interface Samples {
  /** The sockets that the peers went to before. */
  readonly before: readonly number[];
  /** The sockets that the same peers went to after. */
  readonly after: readonly number[];
}

/**
 * Finds out the order in which the kernel keeps the sockets of a group.
 *
 * The kernel does not tell it, but a filter has to name sockets by it. It gives each socket an
 * equal part of the range of hashes, in order. When one more socket joins at the end, all parts
 * shrink towards the start of the range, so that the hashes at the lower end of a part belonged
 * to the socket before. Peers that changed from one socket to another thus tell who stands
 * before whom.
 *
 * @param joined The socket that joined last.
 * @param members The sockets of the group before that.
 * @param samples Who got what.
 * @returns The members in their order, `"few"` when the samples are too few to tell, or
 * `"changed"` when the group has changed meanwhile.
 */
export function reuseportOrder(
  joined: number,
  members: readonly number[],
  samples: Samples,
): number[] | "few" | "changed" {
  const seen = new Set(samples.after);
  if (!members.every((socket) => seen.has(socket))) return "few";
  if (seen.size > members.length + 1) return "changed";
  const predecessors = predecessorsOf(samples);
  const left = new Set(members);
  const order: number[] = [];
  for (let at = joined; left.size > 0;) {
    const before = predecessors.get(at) ?? (left.size === 1 ? left : new Set<number>());
    if (before.size === 0) return "few";
    const [socket] = before;
    if (before.size > 1 || !left.delete(socket)) return "changed";
    order.unshift(socket);
    at = socket;
  }
  return order;
}

function predecessorsOf({ before, after }: Samples): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const [i, now] of after.entries()) {
    if (before[i] === now) continue;
    const sockets = found.get(now);
    if (sockets === undefined) found.set(now, new Set([before[i]]));
    else sockets.add(before[i]);
  }
  return found;
}
