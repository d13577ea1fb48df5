import { type RandomSource, SeededRandom } from "../random.ts";
import { DatagramWire } from "./datagram_wire.ts";
import { machineOf, SimulatedHost } from "./host.ts";
import { Machine } from "./machine.ts";
import { SimulatedNat } from "./nat.ts";
import { type NatOptions, NatTable } from "./nat_table.ts";
import type { NetworkFaults } from "./network_faults.ts";
import type { NetworkEvent, NetworkStats } from "./network_trace.ts";
import { SimulationError } from "./simulation_error.ts";
import { canonicalIp, World } from "./world.ts";

/** Options of {@linkcode SimulatedNetwork}. */
export interface SimulatedNetworkOptions {
  /** Decides everything that is left to chance: the same seed gives the same run. */
  seed: number;
  /**
   * How badly the network behaves.
   *
   * @default {a little delay, and nothing else}
   */
  faults?: NetworkFaults;
  /**
   * What the hosts' wall clocks show when the network begins.
   *
   * @default {1_735_689_600_000, the beginning of 2025}
   */
  wallMs?: number;
  /**
   * How far the virtual clock goes, in milliseconds. A program that never
   * ends, because what it waits for never comes, is stopped there.
   *
   * @default {86_400_000, a day}
   */
  maxMs?: number;
  /** Told of everything that happens, to see what a failing run does. */
  onEvent?: (event: NetworkEvent) => void;
}

/** A part of a network that another part can't reach, until it is healed. */
export interface Partition extends Disposable {
  /** Ends the partition. */
  heal(): void;
}

/**
 * A network in memory with a virtual clock, in which event loops run as on
 * real hosts, only faster, worse and repeatably.
 *
 * Time moves by itself as long as a loop has something to wait for: it stands
 * still while anything can happen at the present instant, and then jumps to
 * the next event. One loop runs at a time, and promise chains settle before
 * the next one does. When nothing can happen any more, the network is silent
 * until somebody starts something. What runs in it may not wait for anything
 * outside: real timers, files, threads.
 *
 * @example A datagram on a network that loses every other one
 * ```ts
 * import { EventLoop, SimulatedNetwork } from "@sluice/sluice/loop";
 * import { assert } from "@std/assert";
 *
 * using network = new SimulatedNetwork({ seed: 1, faults: { loss: 0.5 } });
 * const there = new EventLoop({ poller: network.host("10.0.0.1").poller() });
 * const here = new EventLoop({ poller: network.host("10.0.0.2").poller() });
 * let received = 0;
 * await there.bindDatagram({ port: 1415, onBatch: (batch) => void (received += batch.count) });
 * const socket = await here.bindDatagram({ onBatch() {} });
 * const peer = socket.peers.internAddress("10.0.0.1", 1415);
 * for (let i = 0; i < 100; i++) socket.send(peer, new Uint8Array([i]));
 * await network.advance(1000);
 * assert(received > 20 && received < 80);
 * ```
 */
export class SimulatedNetwork implements Disposable {
  /** A random source for what the test itself leaves to chance. */
  readonly random: RandomSource;
  readonly #world: World;
  readonly #wire: DatagramWire;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #nats = new Map<string, SimulatedNat>();

  /**
   * Makes a network without hosts.
   *
   * @param options See {@linkcode SimulatedNetworkOptions}.
   * @throws {RangeError} When a fault is out of its range.
   */
  constructor(options: SimulatedNetworkOptions) {
    this.#world = new World({
      seed: options.seed,
      wallMs: options.wallMs ?? 1_735_689_600_000,
      maxMs: options.maxMs ?? 86_400_000,
      onEvent: options.onEvent,
    });
    this.random = new SeededRandom(this.#world.random.next() * 2 ** 32);
    this.#wire = new DatagramWire(this.#world);
    this.setFaults(options.faults ?? {});
  }

  /** Milliseconds since the network began. */
  get now(): number {
    return this.#world.time.now;
  }

  /**
   * The host at an address; made when it is first asked for.
   *
   * @param address Its main IP address.
   * @param options Further addresses, and a name by which others find it.
   * @throws {SyntaxError} When an address is no IP address.
   */
  host(address: string, options: { addresses?: string[]; name?: string } = {}): SimulatedHost {
    const ip = canonicalIp(address);
    const known = this.#hosts.get(ip);
    if (known !== undefined) return known;
    const machine = new Machine(this.#world, [ip, ...(options.addresses ?? [])]);
    const host = new SimulatedHost(machine, this.#wire);
    for (const each of machine.addresses) {
      this.#hosts.set(each, host);
      this.#world.machines.set(each, machine);
    }
    if (options.name !== undefined) this.#world.names.set(options.name, machine);
    return host;
  }

  /**
   * The address translator at a public address; made when it is first asked for.
   *
   * @throws {SyntaxError} When `address` is no IP address.
   */
  nat(address: string, options: NatOptions = {}): SimulatedNat {
    const ip = canonicalIp(address);
    let nat = this.#nats.get(ip);
    if (nat === undefined) {
      const table = new NatTable(this.#world, ip);
      nat = new SimulatedNat({ world: this.#world, table, wire: this.#wire });
      this.#nats.set(ip, nat);
      this.#world.nats.set(ip, table);
    }
    nat.change(options);
    return nat;
  }

  /**
   * Changes how badly the network behaves from now on. What was said of a
   * single link weighs more than what was said of one of its hosts, and that
   * more than what was said of all.
   *
   * @param changes The faults that change.
   * @param link What they are for: all that one host sends, that another gets, or both.
   * @throws {RangeError} When a fault is out of its range.
   */
  setFaults(changes: NetworkFaults, link: { from?: SimulatedHost; to?: SimulatedHost } = {}): void {
    this.#world.faults.change(changes, {
      from: link.from && machineOf(link.from).number,
      to: link.to && machineOf(link.to).number,
    });
  }

  /**
   * Keeps some hosts from reaching others, and these from reaching them.
   *
   * @param side The hosts on one side.
   * @param other The hosts on the other side; all the rest when absent.
   */
  partition(side: SimulatedHost[], other?: SimulatedHost[]): Partition {
    const near = new Set(side.map(machineOf));
    const far = other && new Set(other.map(machineOf));
    const isFar = (machine: Machine): boolean => far?.has(machine) ?? !near.has(machine);
    const parts = (from: Machine, to: Machine): boolean =>
      (near.has(from) && isFar(to)) || (near.has(to) && isFar(from));
    this.#world.partitions.add(parts);
    const heal = (): void => {
      if (this.#world.partitions.delete(parts)) this.#world.retryStalled();
    };
    return { heal, [Symbol.dispose]: heal };
  }

  /**
   * Waits `ms` of virtual time; what happens at its last instant is included.
   *
   * @throws {RangeError} When that is beyond `maxMs`.
   * @throws {SimulationError} When the network is closed, or time stands still.
   */
  async advance(ms: number): Promise<void> {
    await this.#world.time.reach(this.now + ms);
  }

  /**
   * Waits until a condition holds, which is asked whenever time is about to move.
   *
   * @returns How many milliseconds of virtual time that took.
   * @throws {SimulationError} When it doesn't hold within `timeoutMs` (60,000 by default).
   */
  async until(condition: () => boolean, options: { timeoutMs?: number } = {}): Promise<number> {
    const { timeoutMs = 60_000 } = options;
    const start = this.now;
    if (await this.#world.time.reach(start + timeoutMs, condition)) return this.now - start;
    throw new SimulationError(`Cannot wait any longer: the condition fails for ${timeoutMs} ms`);
  }

  /**
   * Waits until nothing can happen any more.
   *
   * @throws {SimulationError} When something still happens at `maxMs`.
   */
  async settled(): Promise<void> {
    await this.#world.time.idle();
  }

  /** What has happened so far, how often each. */
  stats(): NetworkStats {
    return this.#world.trace.stats();
  }

  /** A text that two runs share when the same happened in them. */
  digest(): string {
    return this.#world.trace.digest();
  }

  /** Ends the network: all hosts are gone at once, and nothing happens any more. */
  close(): void {
    for (const machine of this.#world.fleet) machine.halt(true);
    this.#world.time.end();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
