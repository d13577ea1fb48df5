import type { DatagramWire } from "./datagram_wire.ts";
import { SimulatedHost } from "./host.ts";
import { Machine } from "./machine.ts";
import type { NatOptions, NatTable } from "./nat_table.ts";
import { canonicalIp, type World } from "./world.ts";

/** A network address translator, and the private network behind it. */
export class SimulatedNat {
  readonly #world: World;
  readonly #table: NatTable;
  readonly #wire: DatagramWire;
  readonly #hosts = new Map<string, SimulatedHost>();

  /** @ignore Translators are made by the network. */
  constructor(parts: { world: World; table: NatTable; wire: DatagramWire }) {
    this.#world = parts.world;
    this.#table = parts.table;
    this.#wire = parts.wire;
  }

  /** Its public IP address. */
  get address(): string {
    return this.#table.ip;
  }

  /** How many mappings it has, those included that nobody has used for too long. */
  get mappings(): number {
    return this.#table.size;
  }

  /**
   * The host at a private address behind it; made when it is first asked for.
   *
   * @throws {SyntaxError} When `address` is no IP address.
   */
  host(address: string): SimulatedHost {
    const ip = canonicalIp(address);
    const known = this.#hosts.get(ip);
    if (known !== undefined) return known;
    const machine = new Machine(this.#world, [ip], this.#table);
    const host = new SimulatedHost(machine, this.#wire);
    this.#hosts.set(ip, host);
    this.#table.machines.set(ip, machine);
    return host;
  }

  /** Changes how it treats its hosts from now on. */
  change(options: NatOptions): void {
    this.#table.change(options);
  }

  /**
   * Forgets all mappings, or those of one private address: what is sent next
   * comes from another public port.
   */
  rebind(address?: string): void {
    if (address === undefined) return this.#table.rebind();
    const machine = this.#table.machines.get(canonicalIp(address));
    if (machine !== undefined) this.#table.rebind(machine);
  }
}
