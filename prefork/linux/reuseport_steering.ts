import { Departures } from "../_departures.ts";
import type { Steering } from "../steering.ts";
import type { ListeningSocket } from "./diag_message.ts";
import { type Libc, LibcError } from "./libc.ts";
import { boundAddress } from "./bound_address.ts";
import { borrowDescriptor, isEstablished, socketsOf } from "./process_sockets.ts";
import { ReuseportGroup } from "./reuseport_group.ts";
import { SocketMonitor } from "./socket_monitor.ts";

/** Options of {@linkcode ReuseportSteering}. */
export interface ReuseportSteeringOptions {
  /** Called with why new connections could not be kept away from a process. */
  onFailure: (reason: string) => void;
}

/**
 * Steers by a packet filter that it attaches to the sockets of a port (SO_REUSEPORT), through a
 * descriptor borrowed from one of the processes.
 */
export class ReuseportSteering implements Steering {
  /** It can. */
  readonly works = true;
  readonly #libc: Libc;
  readonly #monitor: SocketMonitor;
  readonly #onFailure: (reason: string) => void;
  readonly #pids = new Set<number>();
  readonly #away = new Set<number>();
  readonly #departures = new Departures();

  /**
   * @param libc The C library; not closed with the steering.
   * @param options See {@linkcode ReuseportSteeringOptions}.
   * @throws {LibcError} When the system can't be asked about sockets.
   */
  constructor(libc: Libc, options: ReuseportSteeringOptions) {
    this.#libc = libc;
    this.#monitor = new SocketMonitor(libc);
    this.#onFailure = options.onFailure;
  }

  /** New connections go to others. */
  away(pid: number): void {
    if (this.#away.has(pid)) return;
    this.#pids.add(pid);
    this.#away.add(pid);
    this.#apply();
  }

  /** The process gets connections again. */
  back(pid: number): void {
    if (this.#away.delete(pid)) this.#apply();
  }

  /** New connections go to others, and no other process is leaving. */
  depart(pid: number, begin: () => void): void {
    this.#departures.enter(pid, () => {
      if (!this.#departures.disbanded) this.away(pid);
      begin();
    });
  }

  /** Whether it listens no longer. */
  departed(pid: number): boolean {
    if (this.#listens(pid)) return false;
    this.changed(pid);
    return true;
  }

  get disbanded(): boolean {
    return this.#departures.disbanded;
  }

  /** Nobody is left to steer to. */
  disband(): void {
    this.#departures.disband();
  }

  /** A filter that somebody else has left is replaced. */
  refresh(): void {
    this.#apply();
  }

  /** A process has begun or ended to listen. */
  changed(pid: number): void {
    this.#pids.add(pid);
    const before = this.#away.size;
    for (const known of this.#pids) {
      if (socketsOf(this.#libc, known).size > 0) continue;
      this.#pids.delete(known);
      this.#away.delete(known);
    }
    if (before > 0) this.#apply();
    if (!this.#listens(pid)) this.#departures.end(pid);
  }

  /** Tries to borrow a descriptor of the process. */
  probe(pid: number): string | null {
    const [fd] = socketsOf(this.#libc, pid).values();
    if (fd === undefined) return null;
    try {
      this.#libc.closeDescriptor(borrowDescriptor(this.#libc, pid, fd));
      return null;
    } catch (error) {
      if (!(error instanceof LibcError)) throw error;
      return `pidfd_getfd is not permitted (error ${error.errno})`;
    }
  }

  /** How many connections wait for the process to accept them. */
  backlog(pid: number): number {
    const own = socketsOf(this.#libc, pid);
    return this.#monitor.listening().reduce(
      (sum, { inode, backlog }) => sum + (own.has(inode) ? backlog : 0),
      0,
    );
  }

  /** Whether the process has connections to a port that it listens on. */
  hasConnections(pid: number): boolean {
    const own = socketsOf(this.#libc, pid);
    const listening = this.#monitor.listening().filter(({ inode }) => own.delete(inode));
    const ports = new Set(listening.map(({ port }) => port));
    // One is enough, so that this takes little while there are many.
    return [...own.values()].some((fd) => this.#isConnection(pid, { fd, ports }));
  }

  /** Closes what it works with; filters stay as they are. */
  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
  }

  #isConnection(pid: number, { fd, ports }: { fd: number; ports: Set<number> }): boolean {
    try {
      const borrowed = borrowDescriptor(this.#libc, pid, fd);
      try {
        return isEstablished(this.#libc, borrowed) &&
          ports.has(boundAddress(this.#libc, borrowed).port);
      } finally {
        this.#libc.closeDescriptor(borrowed);
      }
    } catch (error) {
      // It was closed meanwhile.
      if (error instanceof LibcError) return false;
      throw error;
    }
  }

  #listens(pid: number): boolean {
    const own = socketsOf(this.#libc, pid);
    return this.#monitor.listening().some(({ inode }) => own.has(inode));
  }

  #apply(): void {
    const sockets = Array.from(this.#pids, (pid) => ({ pid, own: socketsOf(this.#libc, pid) }));
    const groups = Map.groupBy(this.#monitor.listening(), groupKey);
    for (const members of groups.values()) {
      const owners = sockets.filter(({ own }) => members.some(({ inode }) => own.has(inode)));
      if (owners.length === 0) continue;
      const leaving = owners.filter(({ pid }) => this.#away.has(pid));
      const inodes = new Set(leaving.flatMap(({ own }) => [...own.keys()]));
      // One that stays is the better lender, as the group may outlive the others.
      const lender = owners.find(({ pid }) => !this.#away.has(pid)) ?? owners[0];
      const fd = lender.own.get(members.find(({ inode }) => lender.own.has(inode))!.inode)!;
      this.#steer(members, inodes, { pid: lender.pid, fd });
    }
  }

  #steer(
    members: readonly ListeningSocket[],
    inodes: ReadonlySet<number>,
    lender: { pid: number; fd: number },
  ): void {
    const libc = this.#libc;
    try {
      const fd = borrowDescriptor(libc, lender.pid, lender.fd);
      try {
        const group = new ReuseportGroup(members, { libc, monitor: this.#monitor, fd });
        if (inodes.size === 0) group.release();
        else if (!group.steerAway(inodes) && inodes.size < members.length) {
          this.#onFailure("the sockets of the port did not hold still");
        }
      } finally {
        libc.closeDescriptor(fd);
      }
    } catch (error) {
      if (!(error instanceof LibcError)) throw error;
      this.#onFailure(error.message);
    }
  }
}

function groupKey({ family, address, port }: ListeningSocket): string {
  return `${family} ${address.join(".")} ${port}`;
}
