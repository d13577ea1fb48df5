import type { Poller } from "../poller.ts";
import type { DatagramWire } from "./datagram_wire.ts";
import type { Machine } from "./machine.ts";
import { SimulatedPoller } from "./poller.ts";

/** The inside of a host. */
export let machineOf: (host: SimulatedHost) => Machine;

/** A host in a simulated network. */
export class SimulatedHost {
  static {
    machineOf = (host) => host.#machine;
  }

  readonly #machine: Machine;
  readonly #wire: DatagramWire;

  /** @ignore Hosts are made by the network. */
  constructor(machine: Machine, wire: DatagramWire) {
    this.#machine = machine;
    this.#wire = wire;
  }

  /** Its main IP address. */
  get address(): string {
    return this.#machine.addresses[0];
  }

  /** How far its wall clock is ahead of the network's, in milliseconds. */
  get clockOffsetMs(): number {
    return this.#machine.clockOffsetMs;
  }

  /** Sets its wall clock. */
  set clockOffsetMs(offsetMs: number) {
    this.#machine.clockOffsetMs = offsetMs;
  }

  /**
   * Starts a program on the host, after a crash too: a poller for one event
   * loop. Its monotonic clock begins at 0.
   */
  poller(): Poller {
    const machine = this.#machine;
    const poller = new SimulatedPoller(machine, this.#wire);
    machine.pollers.add(poller);
    machine.down = false;
    machine.world.note("booted", { from: machine.addresses[0] });
    machine.world.retryStalled();
    return poller;
  }

  /**
   * Ends all programs of the host here and now: their sockets are gone,
   * nothing of their loops runs any more, and what they wait for never comes.
   * {@linkcode poller} starts the host again.
   */
  crash(options: CrashOptions = {}): void {
    this.#machine.crash(options.streams === "silent");
  }
}

/** Options of {@linkcode SimulatedHost.crash}. */
export interface CrashOptions {
  /**
   * What the peers of its streams see: a `reset`, as when its programs were
   * killed, or nothing, as when its power failed (`silent`), until they send
   * something to the host when it has started again.
   *
   * @default {"reset"}
   */
  streams?: "reset" | "silent";
}
