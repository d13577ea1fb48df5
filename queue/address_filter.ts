import {
  IpRange,
  parseIp,
  type StreamAddress,
  type StreamHandlers,
  type StreamSocket,
} from "../loop/mod.ts";

/** What an address filter lets in when nothing is said: this machine. */
export const LOOPBACK: readonly string[] = ["127.0.0.0/8", "::1"];

/** Tells who may connect. Unix sockets are let in always, as the file system guards them. */
export class AddressFilter {
  readonly #ranges: readonly IpRange[];

  /**
   * @param ranges Addresses and ranges (CIDR) that are let in.
   * @throws {SyntaxError} When one is neither.
   */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((text) => {
      const range = IpRange.parse(text);
      if (range === null) {
        throw new SyntaxError(`Cannot allow ${text} as it is no range of addresses`);
      }
      return range;
    });
  }

  /** Whether an address is let in. */
  admits(address: StreamAddress): boolean {
    if ("path" in address) return true;
    const ip = parseIp(address.hostname.split("%")[0]);
    return ip !== null && this.#ranges.some((range) => range.contains(ip));
  }

  /**
   * Has a listener accept those that are let in, and break off the others.
   *
   * @param accept Owns the connections that are let in.
   * @param onRefused Told of each other one.
   * @returns What the listener calls for each connection.
   */
  guard(
    accept: (stream: StreamSocket) => StreamHandlers,
    onRefused: () => void,
  ): (stream: StreamSocket) => StreamHandlers {
    return (stream) => {
      if (this.admits(stream.remoteAddress)) return accept(stream);
      onRefused();
      stream.terminate();
      return { onData() {} };
    };
  }
}
