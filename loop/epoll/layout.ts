/** How the structures of the C library lie in memory. */

/** Where the parts of an `epoll_event` lie: packed on x86-64 alone. */
export interface EpollEventLayout {
  /** Bytes an event takes. */
  readonly size: number;
  /** Where its 64 bits of data start; the event bits start at 0. */
  readonly data: number;
}

/**
 * The layout of `epoll_event`.
 *
 * @param arch The architecture, as `Deno.build.arch` names it.
 */
export function epollEventLayout(arch: typeof Deno.build.arch): EpollEventLayout {
  return arch === "x86_64" ? { size: 12, data: 4 } : { size: 16, data: 8 };
}

/** Words (of 32 bits) of a `mmsghdr`, which begins as a `msghdr`, and where its parts start, in words. */
export const MessageHeader = {
  words: 16,
  name: 0,
  nameLength: 2,
  vectors: 4,
  vectorCount: 6,
  control: 8,
  controlLength: 10,
  flags: 12,
  length: 14,
} as const;

/** Words (of 32 bits) of an `iovec`, and where its parts start, in words. */
export const IoVector = { words: 4, base: 0, length: 2 } as const;

/** Words (of 32 bits) of a `pollfd`, and where its parts start, in words. */
export const PollDescriptor = { words: 2, descriptor: 0, events: 1 } as const;

/**
 * Words (of 32 bits) of an `io_uring_params`, and where its parts start, in words. From `head` on
 * they say where in the mapped rings something stands, in bytes.
 */
export const RingParameters = {
  words: 30,
  submissions: 0,
  completions: 1,
  flags: 2,
  features: 5,
  head: 10,
  tail: 11,
  places: 16,
  completionHead: 20,
  completionTail: 21,
  completionsAt: 25,
} as const;

/** Words (of 32 bits) of an `io_uring_sqe`, and where its parts start, in words. */
export const Submission = {
  words: 16,
  operation: 0,
  descriptor: 1,
  address: 4,
  length: 6,
  flags: 7,
  userData: 8,
} as const;

/** Words (of 32 bits) of an `io_uring_cqe`, and where its parts start, in words. */
export const Completion = { words: 4, userData: 0, result: 2 } as const;

/** Bytes of a `sockaddr_in` and a `sockaddr_in6`. */
export const SOCKADDR_IN_BYTES = 16;
/** Bytes of a `sockaddr_in6`. */
export const SOCKADDR_IN6_BYTES = 28;
/** Bytes of a `sockaddr_un`, and those of its path. */
export const SOCKADDR_UN_BYTES = 110;
