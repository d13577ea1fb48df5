import type { Endpoint } from "./endpoint.ts";
import type { Machine } from "./machine.ts";
import type { NatTable } from "./nat_table.ts";
import type { NetworkFaults } from "./network_faults.ts";
import type { World } from "./world.ts";

/** A datagram on its way. */
interface Flight {
  readonly from: Machine;
  readonly to: Machine;
  /** The translator that it goes through on its way in. */
  readonly door: NatTable | undefined;
  /** Who sent it, as its receiver sees it. */
  readonly source: Endpoint;
  /** Whom it was sent to. */
  readonly target: Endpoint;
  readonly bytes: Uint8Array;
}

/** Carries datagrams from machine to machine, as well as the faults allow. */
export class DatagramWire {
  readonly #world: World;
  readonly #lastArrival = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Sends a datagram on its way.
   *
   * @param from The machine that sends it.
   * @param datagram The datagram; its bytes are kept.
   */
  send(
    from: Machine,
    datagram: { source: Endpoint; target: Endpoint; bytes: Uint8Array },
  ): void {
    const { source, target, bytes } = datagram;
    this.#world.note("sent", { from: source, to: target, bytes });
    const direct = from.reach(target.ip);
    const door = direct === undefined ? this.#world.nats.get(target.ip) : undefined;
    const hop = direct ?? door;
    if (hop === undefined) return this.#drop("unreachable", datagram);
    const seen = from.translate(hop, source, target);
    const to = direct ?? door?.inbound(target.port, seen)?.machine;
    if (to === undefined) return this.#drop("unmapped", datagram);
    this.#launch({ from, to, door, source: seen, target, bytes });
  }

  #launch(flight: Flight): void {
    const { from, to, bytes } = flight;
    const faults = this.#world.faultsOf(from, to);
    if (bytes.length > faults.mtu) return this.#drop("oversized", flight);
    if (this.#world.parted(from, to)) return this.#drop("partitioned", flight);
    if (this.#world.chance(faults.loss)) return this.#drop("lost", flight);
    this.#schedule(flight, faults);
    if (!this.#world.chance(faults.duplicate)) return;
    this.#drop("duplicated", flight);
    this.#schedule(flight, faults);
  }

  #schedule(flight: Flight, faults: Required<NetworkFaults>): void {
    const { time, random } = this.#world;
    let at = time.now + this.#world.delayOf(faults);
    if (this.#world.chance(faults.reorder)) {
      at += random.next() * faults.maxReorderMs;
      this.#drop("reordered", flight);
    } else {
      const link = `${flight.from.number} ${flight.to.number}`;
      at = Math.max(at, this.#lastArrival.get(link) ?? 0);
      this.#lastArrival.set(link, at);
    }
    time.at(at, () => this.#arrive(flight));
  }

  #arrive(flight: Flight): void {
    const { from, door, source, target, bytes } = flight;
    if (this.#world.parted(from, flight.to)) return this.#drop("partitioned", flight);
    const mapping = door?.inbound(target.port, source);
    if (door !== undefined && mapping === undefined) return this.#drop("unmapped", flight);
    const to = mapping?.machine ?? flight.to;
    const socket = to.datagrams.find(mapping?.inner ?? target, source);
    if (socket === undefined) return this.#drop("unreachable", flight);
    if (!socket.receive(source, bytes)) return this.#drop("overflowed", flight);
    this.#world.note("delivered", { from: source, to: target, bytes });
  }

  #drop(
    why:
      | "unreachable"
      | "unmapped"
      | "oversized"
      | "partitioned"
      | "lost"
      | "duplicated"
      | "reordered"
      | "overflowed",
    datagram: { source: Endpoint; target: Endpoint; bytes: Uint8Array },
  ): void {
    this.#world.note(why, { from: datagram.source, to: datagram.target, bytes: datagram.bytes });
  }
}
