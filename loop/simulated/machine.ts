import type { Endpoint } from "./endpoint.ts";
import type { SimulatedDatagram } from "./datagram.ts";
import type { NatTable } from "./nat_table.ts";
import type { SimulatedPoller } from "./poller.ts";
import type { SimulatedListener } from "./listener.ts";
import type { StreamEnd } from "./stream_end.ts";
import { PortTable } from "./port_table.ts";
import { canonicalIp, isLoopback, isWildcard, type World } from "./world.ts";

/** What a host is inside: its addresses, its programs and who is bound to which port. */
export class Machine {
  /** Its number. */
  readonly number: number;
  /** The world it is in. */
  readonly world: World;
  /** Its addresses, the first one being its main one. */
  readonly addresses: readonly string[];
  /** What stands between it and the world. */
  readonly nat: NatTable | undefined;
  /** Its programs. */
  readonly pollers: Set<SimulatedPoller> = new Set();
  /** Its datagram sockets. */
  readonly datagrams: PortTable<SimulatedDatagram> = new PortTable();
  /** Its listeners on ports. */
  readonly listeners: PortTable<SimulatedListener> = new PortTable();
  /** Its listeners on paths. */
  readonly paths: Map<string, SimulatedListener> = new Map();
  /** Its ends of streams that it opened. */
  readonly outgoing: PortTable<StreamEnd> = new PortTable();
  /** Whether it has crashed and not been started again. */
  down = false;
  /** How far its wall clock is ahead of the world's, in milliseconds. */
  clockOffsetMs = 0;

  constructor(world: World, addresses: readonly string[], nat?: NatTable) {
    this.number = world.fleet.push(this) - 1;
    this.world = world;
    this.addresses = addresses.map(canonicalIp);
    this.nat = nat;
  }

  /** Whether `ip` is one of its addresses. */
  owns(ip: string): boolean {
    return isLoopback(ip) || this.addresses.includes(ip);
  }

  /** The address to bind for a name; undefined when it is none of this machine's. */
  bindable(hostname: string): string | undefined {
    return this.resolve(hostname).find((ip) => isWildcard(ip) || this.owns(ip));
  }

  /** The addresses behind a name or an address in text form; none when nobody has that name. */
  resolve(hostname: string): readonly string[] {
    if (hostname === "localhost") return ["127.0.0.1", "::1"];
    const named = this.world.names.get(hostname);
    if (named !== undefined) return named.addresses;
    try {
      return [canonicalIp(hostname.split("%")[0])];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  }

  /** The address that `target` sees when a socket bound to `local` sends to it. */
  source(local: string, target: string): string | undefined {
    if (!isWildcard(local)) return isLoopback(local) === isLoopback(target) ? local : undefined;
    if (local === "0.0.0.0" && target.includes(":")) return undefined;
    if (isLoopback(target)) return target;
    return this.addresses.find((each) => each.includes(":") === target.includes(":"));
  }

  /** The machine that has an address, as seen from here. */
  reach(ip: string): Machine | undefined {
    if (this.owns(ip)) return this;
    return this.nat?.machines.get(ip) ?? this.world.machines.get(ip);
  }

  /** The endpoint that `to` sees when this machine sends from `source`. */
  translate(to: Machine | NatTable, source: Endpoint, target: Endpoint): Endpoint {
    if (this.nat === undefined || (to instanceof Machine && to.nat === this.nat)) return source;
    return this.nat.outbound(this, source, target);
  }

  /**
   * Takes down everything that runs here.
   *
   * @param silent Whether the peers of its streams are not told.
   */
  crash(silent: boolean): void {
    if (this.down) return;
    this.down = true;
    this.world.note("crashed", { from: this.addresses[0] });
    this.halt(silent);
  }

  /** Ends its programs; peers of their streams are told unless it is to be `silent`. */
  halt(silent: boolean): void {
    for (const poller of [...this.pollers]) poller.crash(silent);
  }
}
