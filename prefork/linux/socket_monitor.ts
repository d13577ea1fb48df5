import {
  AF_INET,
  AF_INET6,
  decodeReply,
  encodeListRequest,
  encodeLookup,
  type ListeningSocket,
  type LookupRequest,
} from "./diag_message.ts";
import type { Libc } from "./libc.ts";

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const REPLY_BYTES = 65_536;

/** Asks the kernel about sockets, through its socket monitor (sock_diag(7)). */
export class SocketMonitor implements Disposable {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #reply = new Uint8Array(REPLY_BYTES);
  // The kernel: an address of netlink that is all zero after the family.
  readonly #kernel = new Uint8Array(12);

  /**
   * @param libc The C library.
   * @throws {LibcError} When the system has no socket monitor.
   */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#kernel[0] = AF_NETLINK;
    this.#fd = libc.check(
      "open a netlink socket",
      libc.symbols.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG),
    );
  }

  /** All TCP sockets of this system that listen. */
  listening(): ListeningSocket[] {
    return [AF_INET, AF_INET6].flatMap((family) => {
      this.#send(encodeListRequest(family));
      const sockets: ListeningSocket[] = [];
      for (let more = true; more;) {
        const reply = decodeReply(this.#receive());
        sockets.push(...reply.sockets);
        more = reply.more;
      }
      return sockets;
    });
  }

  /** The inode of the socket that the kernel would choose by hash, or -1 when there is none. */
  lookup(request: LookupRequest): number {
    this.#send(encodeLookup(request));
    return decodeReply(this.#receive()).sockets[0]?.inode ?? -1;
  }

  /** Closes the monitor. */
  [Symbol.dispose](): void {
    this.#libc.closeDescriptor(this.#fd);
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    const { symbols } = this.#libc;
    const sent = symbols.sendto(this.#fd, bytes, BigInt(bytes.length), 0, this.#kernel, 12);
    this.#libc.check("ask the socket monitor", sent);
  }

  #receive(): Uint8Array<ArrayBuffer> {
    const { symbols } = this.#libc;
    const got = symbols.recv(this.#fd, this.#reply, BigInt(REPLY_BYTES), 0);
    return this.#reply.subarray(0, this.#libc.check("hear the socket monitor", got));
  }
}
