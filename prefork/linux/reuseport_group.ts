import { boundName } from "./bound_address.ts";
import { AF_INET, type ListeningSocket } from "./diag_message.ts";
import { int32, type Libc } from "./libc.ts";
import { inodeOf } from "./process_sockets.ts";
import { reuseportOrder } from "./reuseport_order.ts";
import type { SocketMonitor } from "./socket_monitor.ts";
import { steeringProgram } from "./steering_program.ts";

const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
/** Peers tried a socket at first; the parts that change hands get smaller with the square. */
const SAMPLES_A_PAIR = 16;
const MAX_SAMPLES = 60_000;
const MAX_TRIES = 4;
/** Addresses for documentation (RFC 5737, RFC 3849), which nobody has. */
const UNUSED_IPV4 = Uint8Array.from([192, 0, 2, 1, ...new Uint8Array(12)]);
const UNUSED_IPV6 = Uint8Array.from([0x20, 1, 0x0d, 0xb8, ...new Uint8Array(11), 1]);

/** Options of {@linkcode ReuseportGroup}. */
export interface ReuseportGroupOptions {
  /** The C library. */
  libc: Libc;
  /** Whom to ask about sockets. */
  monitor: SocketMonitor;
  /** A descriptor of one of its sockets. */
  fd: number;
}

/** The sockets that share one address and port, as the kernel deals out connections to them. */
export class ReuseportGroup {
  readonly #libc: Libc;
  readonly #monitor: SocketMonitor;
  readonly #fd: number;
  readonly #members: readonly ListeningSocket[];

  /**
   * @param members Its sockets, at least one.
   * @param options What it works with.
   */
  constructor(members: readonly ListeningSocket[], options: ReuseportGroupOptions) {
    this.#members = members;
    this.#libc = options.libc;
    this.#monitor = options.monitor;
    this.#fd = options.fd;
  }

  /**
   * Has new connections go to the sockets that are not among `inodes`.
   *
   * @returns Whether they do: not when there is no other, or the group doesn't hold still.
   * @throws {LibcError} When the kernel refuses.
   */
  steerAway(inodes: ReadonlySet<number>): boolean {
    const others = this.#members.filter(({ inode }) => !inodes.has(inode));
    if (others.length === 0 || others.length === this.#members.length) {
      this.release();
      return others.length > 0;
    }
    const order = this.#order();
    if (order === null) return false;
    this.#attach(others.map(({ inode }) => order.indexOf(inode)));
    return true;
  }

  /** Has the kernel deal out connections as it sees fit. */
  release(): void {
    // Nothing is wrong when nothing was attached.
    this.#libc.symbols.setsockopt(this.#fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, int32(0), 4);
  }

  #order(): number[] | null {
    const inodes = this.#members.map(({ inode }) => inode);
    let count = SAMPLES_A_PAIR * (inodes.length + 1) ** 2;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // Keeps connections away from the socket that joins: nobody would accept them.
      this.#attach(inodes.map((_, i) => i));
      const before = this.#sample(count);
      const joined = this.#join();
      try {
        const order = reuseportOrder(joined.inode, inodes, {
          before,
          after: this.#sample(count),
        });
        if (order === "changed") return null;
        if (order !== "few") return order;
      } finally {
        this.#libc.closeDescriptor(joined.fd);
      }
      count = Math.min(MAX_SAMPLES, count * 4);
    }
    return null;
  }

  // From an address without connections, as those are no matter of hashing.
  #sample(count: number): number[] {
    const { family, port, address: bound } = this.#members[0];
    const remoteAddress = family === AF_INET ? UNUSED_IPV4 : UNUSED_IPV6;
    const address = bound.some((byte) => byte !== 0) ? bound : remoteAddress;
    return Array.from(
      { length: count },
      (_, i) => this.#monitor.lookup({ family, address, port, remoteAddress, remotePort: 1 + i }),
    );
  }

  #join(): { fd: number; inode: number } {
    const { symbols } = this.#libc;
    const { family } = this.#members[0];
    const fd = this.#libc.check("open a socket", symbols.socket(family, SOCK_STREAM_CLOEXEC, 0));
    try {
      this.#set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
      if (family !== AF_INET) this.#set(fd, IPPROTO_IPV6, IPV6_V6ONLY, this.#isIpv6Only());
      const { name, length } = boundName(this.#libc, this.#fd);
      this.#libc.check("bind a socket", symbols.bind(fd, name, length));
      this.#libc.check("listen", symbols.listen(fd, 1));
      return { fd, inode: inodeOf(this.#libc, fd) };
    } catch (error) {
      this.#libc.closeDescriptor(fd);
      throw error;
    }
  }

  #set(fd: number, level: number, option: number, value: number): void {
    const set = this.#libc.symbols.setsockopt(fd, level, option, int32(value), 4);
    this.#libc.check(`set socket option ${option}`, set);
  }

  #isIpv6Only(): number {
    const value = int32(0);
    const length = int32(4);
    this.#libc.symbols.getsockopt(this.#fd, IPPROTO_IPV6, IPV6_V6ONLY, value, length);
    return value[0];
  }

  #attach(targets: readonly number[]): void {
    const program = steeringProgram(targets);
    const descriptor = new DataView(new ArrayBuffer(16));
    descriptor.setUint16(0, program.length, true);
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(program.bytes));
    descriptor.setBigUint64(8, BigInt(address), true);
    const bytes = new Uint8Array(descriptor.buffer);
    const set = this.#libc.symbols.setsockopt(
      this.#fd,
      SOL_SOCKET,
      SO_ATTACH_REUSEPORT_CBPF,
      bytes,
      bytes.length,
    );
    this.#libc.check("attach a filter", set);
    // The kernel has read the program by now; until then it must not be collected.
    program.bytes.fill(0);
  }
}
