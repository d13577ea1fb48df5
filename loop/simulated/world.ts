import { formatIp, parseIp } from "../ip_address.ts";
import { type RandomSource, SeededRandom } from "../random.ts";
import type { Machine } from "./machine.ts";
import type { NatTable } from "./nat_table.ts";
import { FaultTable, LOOPBACK, type NetworkFaults } from "./network_faults.ts";
import {
  type NetworkEvent,
  type NetworkStats,
  NetworkTrace,
  type TracedEvent,
} from "./network_trace.ts";
import { VirtualTime } from "./virtual_time.ts";

/** What all parts of a simulated network share. */
export class World {
  /** Decides everything that is left to chance. */
  readonly random: RandomSource;
  /** The clock and what is going to happen. */
  readonly time: VirtualTime;
  /** What has happened. */
  readonly trace: NetworkTrace;
  /** All machines, by number. */
  readonly fleet: Machine[] = [];
  /** How badly each link behaves. */
  readonly faults: FaultTable = new FaultTable();
  /** What the machines believe the time was when the world began. */
  readonly wallMs: number;
  /** Machines that can be reached from everywhere, by address. */
  readonly machines: Map<string, Machine> = new Map();
  /** Address translators, by public address. */
  readonly nats: Map<string, NatTable> = new Map();
  /** Machines by name. */
  readonly names: Map<string, Machine> = new Map();
  /** Asked whether a partition keeps two machines apart. */
  readonly partitions: Set<(from: Machine, to: Machine) => boolean> = new Set();
  /** Tries again what was stopped by a partition or a machine that was down. */
  readonly stalled: Set<() => void> = new Set();
  #pollerCount = 0;

  constructor(
    options: {
      seed: number;
      wallMs: number;
      maxMs: number;
      onEvent: ((event: NetworkEvent) => void) | undefined;
    },
  ) {
    this.random = new SeededRandom(options.seed);
    this.time = new VirtualTime(this.random, options.maxMs);
    this.trace = new NetworkTrace(options.onEvent);
    this.wallMs = options.wallMs;
  }

  /** A number for the next poller, beyond those of what is traced otherwise. */
  numberPoller(): number {
    return 1000 + this.#pollerCount++;
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return probability > 0 && this.random.next() < probability;
  }

  /** Writes down what happened now. */
  note(what: keyof NetworkStats, event: TracedEvent): void {
    this.trace.note(what, this.time.now, event);
  }

  /** How what goes from one machine to another is treated. */
  faultsOf(from: Machine, to: Machine): Required<NetworkFaults> {
    return from === to ? LOOPBACK : this.faults.of(from.number, to.number);
  }

  /** How long what is sent now is on its way. */
  delayOf(faults: Required<NetworkFaults>): number {
    const range = Math.max(0, faults.maxDelayMs - faults.minDelayMs);
    return faults.minDelayMs + this.random.next() * range;
  }

  /** Whether a partition keeps two machines apart. */
  parted(from: Machine, to: Machine): boolean {
    if (this.partitions.size === 0 || from === to) return false;
    for (const parts of this.partitions) if (parts(from, to)) return true;
    return false;
  }

  /** Tries again what was stopped, as the way may be free now. */
  retryStalled(): void {
    const stalled = [...this.stalled];
    this.stalled.clear();
    for (const retry of stalled) retry();
  }
}

/**
 * The usual form of an IP address.
 *
 * @throws {SyntaxError} When `text` is no IP address.
 */
export function canonicalIp(text: string): string {
  const ip = parseIp(text);
  if (ip !== null) return formatIp(ip);
  throw new SyntaxError(`Cannot use ${text} as an address as it is no IP address`);
}

/** Whether an address is one that every machine has for itself. */
export function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.");
}

/** Whether an address stands for all addresses of a machine. */
export function isWildcard(ip: string): boolean {
  return ip === "::" || ip === "0.0.0.0";
}
