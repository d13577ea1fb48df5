import { Errno } from "./errno.ts";
import type { Libc } from "./libc.ts";
import { Family, type IpFamily, type Sockaddr, SockaddrBuffer } from "./sockaddr.ts";
import type { StreamAddress } from "../stream.ts";

const NONBLOCK_CLOEXEC = 0x800 | 0x80000;
const SHUT_WR = 1;

/** Types of sockets. */
export const SocketType = { STREAM: 1, DATAGRAM: 2 } as const;

/** Options of sockets, each its level and name. */
export const SocketOption = {
  REUSEADDR: [1, 2],
  ERROR: [1, 4],
  SNDBUF: [1, 7],
  RCVBUF: [1, 8],
  KEEPALIVE: [1, 9],
  LINGER: [1, 13],
  REUSEPORT: [1, 15],
  SNDBUFFORCE: [1, 32],
  RCVBUFFORCE: [1, 33],
  TCP_NODELAY: [6, 1],
  IPV6_V6ONLY: [41, 26],
} as const;

/** The level and name of a socket option. */
export type SocketOptionKey = readonly [level: number, name: number];

/** A socket of the system, closed when it is disposed of. */
export class Descriptor implements Disposable {
  readonly #libc: Libc;
  #number: number;

  /**
   * @param libc The C library.
   * @param number The descriptor's number, which it owns from here on.
   */
  constructor(libc: Libc, number: number) {
    this.#libc = libc;
    this.#number = number;
  }

  /**
   * Opens a socket that never blocks and isn't inherited.
   *
   * @param libc The C library.
   * @param kind The family and the type.
   * @returns The socket, or the error number.
   */
  static socket(libc: Libc, kind: { family: number; type: number }): Descriptor | number {
    const number = libc.calls.socket(kind.family, kind.type | NONBLOCK_CLOEXEC, 0);
    return number < 0 ? libc.errno[0] : new Descriptor(libc, number);
  }

  /** Its number, or -1 once it is closed. */
  get number(): number {
    return this.#number;
  }

  /** Sets an option to a number; answers the error number, or 0. */
  set([level, name]: SocketOptionKey, value: number): number {
    const words = new Int32Array(32);
    words[0] = value;
    const result = this.#libc.calls.setsockopt(this.#number, level, name, words, 4);
    return result < 0 ? this.#libc.errno[0] : 0;
  }

  /** The number that an option has. */
  get([level, name]: SocketOptionKey): number {
    const words = new Int32Array(32);
    const length = new Int32Array(32);
    length[0] = 4;
    this.#libc.calls.getsockopt(this.#number, level, name, words, length);
    return words[0];
  }

  /** Has `close` reset the connection. */
  lingerNot(): void {
    const words = new Int32Array(32);
    words[0] = 1;
    const [level, name] = SocketOption.LINGER;
    this.#libc.calls.setsockopt(this.#number, level, name, words, 8);
  }

  /** Asks for a receive and a send buffer, as far as this process may have them. */
  setBuffers(bytes: number): void {
    const { RCVBUF, RCVBUFFORCE, SNDBUF, SNDBUFFORCE } = SocketOption;
    if (this.set(RCVBUFFORCE, bytes) !== 0) this.set(RCVBUF, bytes);
    if (this.set(SNDBUFFORCE, bytes) !== 0) this.set(SNDBUF, bytes);
  }

  /** Binds the socket; answers the error number, or 0. */
  bind(address: Sockaddr): number {
    const result = this.#libc.calls.bind(this.#number, address.bytes, address.length);
    return result < 0 ? this.#libc.errno[0] : 0;
  }

  /** Begins to accept connections; answers the error number, or 0. */
  listen(backlog: number): number {
    return this.#libc.calls.listen(this.#number, backlog) < 0 ? this.#libc.errno[0] : 0;
  }

  /**
   * Takes the next connection.
   *
   * @param from Where its other end's address is written.
   * @returns The connection, or the error number.
   */
  accept(from: SockaddrBuffer): Descriptor | number {
    from.length[0] = from.bytes.length;
    const { calls, errno } = this.#libc;
    const number = calls.accept4(this.#number, from.bytes, from.length, NONBLOCK_CLOEXEC);
    return number < 0 ? errno[0] : new Descriptor(this.#libc, number);
  }

  /** Begins to connect; answers the error number, or 0. */
  connect(address: Sockaddr): number {
    const result = this.#libc.calls.connect(this.#number, address.bytes, address.length);
    return result < 0 ? this.#libc.errno[0] : 0;
  }

  /** Ends this side of a connection; answers the error number, or 0. */
  shutDown(): number {
    return this.#libc.calls.shutdown(this.#number, SHUT_WR) < 0 ? this.#libc.errno[0] : 0;
  }

  /** The address of this end. */
  localAddress(): StreamAddress {
    const buffer = new SockaddrBuffer();
    this.#libc.calls.getsockname(this.#number, buffer.bytes, buffer.length);
    return buffer.decode();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    this.#libc.calls.close(this.#number);
    this.#number = -1;
  }
}

/** The family of IP sockets here: IPv6, which carries IPv4 as well, unless the system has none. */
export function ipFamily(libc: Libc): IpFamily {
  const probe = Descriptor.socket(libc, { family: Family.INET6, type: SocketType.DATAGRAM });
  if (typeof probe === "number") {
    return probe === Errno.EAFNOSUPPORT ? Family.INET : Family.INET6;
  }
  probe[Symbol.dispose]();
  return Family.INET6;
}
