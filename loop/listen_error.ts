import { formatAddress } from "./format_address.ts";
import type { StreamAddress } from "./stream.ts";

/**
 * Why an address could not be bound.
 *
 * - `in-use`: somebody else has it.
 * - `unavailable`: it is none of this machine's, or its name has no address.
 * - `denied`: the system or the runtime doesn't permit it.
 * - `failed`: anything else; see the cause.
 */
export type ListenErrorCode = "in-use" | "unavailable" | "denied" | "failed";

/**
 * A socket could not be bound to its address.
 *
 * @example A port that is taken
 * ```ts
 * import { EventLoop, ListenError } from "@sluice/sluice/loop";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * const options = { hostname: "127.0.0.1", onBatch() {} };
 * const { port } = (await loop.bindDatagram(options)).localAddress;
 * const binding = loop.bindDatagram({ ...options, port });
 * const error = await assertRejects(() => binding, ListenError);
 * assertEquals(error.message, `Cannot bind 127.0.0.1:${port} as the address is in use`);
 * ```
 */
export class ListenError extends Error {
  /** What happened, for programs. */
  readonly code: ListenErrorCode;
  /** The address, as `host:port`, `[host]:port` or a path. */
  readonly address: string;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The code, the address and, where known, the cause.
   */
  constructor(
    message: string,
    options: { code: ListenErrorCode; address: string; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = "ListenError";
    this.code = options.code;
    this.address = options.address;
  }
}

const CODES: Record<string, [ListenErrorCode, string]> = {
  EADDRINUSE: ["in-use", "the address is in use"],
  EADDRNOTAVAIL: ["unavailable", "the address is none of this machine's"],
  EAFNOSUPPORT: ["unavailable", "the machine doesn't speak this kind of address"],
  ENOTFOUND: ["unavailable", "the name has no address"],
  ENOENT: ["unavailable", "the folder doesn't exist"],
  EACCES: ["denied", "the system doesn't permit it"],
  EPERM: ["denied", "the system doesn't permit it"],
};

/**
 * The error for an address that could not be bound.
 *
 * @param attempt `listen on` or `bind`.
 * @param address The address.
 * @param options The name of the system's error number, and the cause.
 */
export function listenFailure(
  attempt: "listen on" | "bind",
  address: StreamAddress,
  options: { errno: string | undefined; cause?: unknown },
): ListenError {
  const { errno, cause } = options;
  const text = formatAddress(address);
  const [code, reason] = CODES[errno ?? ""] ?? ["failed", `the system says ${errno ?? cause}`];
  return new ListenError(`Cannot ${attempt} ${text} as ${reason}`, { code, address: text, cause });
}

/** Whether an error number, by its name, says that the machine doesn't speak IPv6. */
export function lacksIpv6(errno: string | undefined): boolean {
  return errno === "EAFNOSUPPORT" || errno === "EADDRNOTAVAIL";
}
