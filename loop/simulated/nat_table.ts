import { Endpoint } from "./endpoint.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** How a simulated NAT treats its hosts. */
export interface NatOptions {
  /**
   * How long a mapping lives after the last datagram from inside, in milliseconds.
   *
   * @default {30_000}
   */
  idleMs?: number;
  /**
   * Who may send to a mapping from outside: those the inside has sent to, told
   * apart by address and port or by address alone, or anybody (RFC 4787, 5).
   *
   * @default {"port"}
   */
  filtering?: "port" | "address" | "none";
  /**
   * Probability that a mapping moves to another public port when it is used.
   *
   * @default {0}
   */
  rebind?: number;
  /**
   * Most mappings; the oldest one goes first.
   *
   * @default {16_384}
   */
  maxMappings?: number;
}

/** A public port and whom it stands for. */
export interface NatMapping {
  /** The host inside. */
  readonly machine: Machine;
  /** Its socket. */
  readonly inner: Endpoint;
  /** The socket as the outside sees it. */
  readonly outer: Endpoint;
  /** Whether it belongs to a stream, and lives as long as that does. */
  readonly forStream: boolean;
  /** Whom the inside has sent to. */
  readonly remotes: Set<string>;
  /** When it was last used from inside. */
  usedAt: number;
}

const FIRST_PORT = 1024;
const PORTS = 65_536;
/** Leaves enough ports free that one is found soon. */
const MAX_MAPPINGS = 32_768;
/** Remotes a mapping remembers. */
const MAX_REMOTES = 1024;

/** The mappings of a NAT between the endpoints of its hosts and its public ports. */
export class NatTable {
  /** The public address. */
  readonly ip: string;
  /** The hosts behind it, by private address. */
  readonly machines: Map<string, Machine> = new Map();
  readonly #world: World;
  readonly #options: Required<NatOptions> = {
    idleMs: 30_000,
    filtering: "port",
    rebind: 0,
    maxMappings: 16_384,
  };
  readonly #byInner = new Map<string, NatMapping>();
  readonly #byPort = new Map<number, NatMapping>();

  constructor(world: World, ip: string) {
    this.#world = world;
    this.ip = ip;
  }

  /** How many mappings there are, dead ones included. */
  get size(): number {
    return this.#byPort.size;
  }

  /** Changes how hosts are treated from now on. */
  change(options: NatOptions): void {
    const { maxMappings = this.#options.maxMappings } = options;
    if (!(maxMappings >= 1 && maxMappings <= MAX_MAPPINGS)) {
      throw new RangeError(
        `Cannot set maxMappings as it must be from 1 to ${MAX_MAPPINGS}: received ${maxMappings}`,
      );
    }
    Object.assign(this.#options, options);
  }

  /** The endpoint that the outside sees when `source` opens a stream. */
  openStream(machine: Machine, source: Endpoint): Endpoint {
    return this.#map({ machine, inner: source, forStream: true }).outer;
  }

  /** The stream behind a public endpoint is gone. */
  closeStream(outer: Endpoint): void {
    if (this.keeps(outer)) this.#remove(this.#byPort.get(outer.port)!);
  }

  /** The endpoint that the outside sees when `source` sends a datagram to `target`. */
  outbound(machine: Machine, source: Endpoint, target: Endpoint): Endpoint {
    const key = innerKey(machine, source);
    let mapping = this.#byInner.get(key);
    if (mapping !== undefined && !this.#alive(mapping)) mapping = this.#remove(mapping);
    if (mapping !== undefined && this.#world.chance(this.#options.rebind)) {
      mapping = this.#move(mapping);
    }
    mapping ??= this.#map({ machine, inner: source, forStream: false });
    mapping.usedAt = this.#world.time.now;
    if (mapping.remotes.size === MAX_REMOTES) mapping.remotes.clear();
    mapping.remotes.add(this.#remoteKey(target));
    return mapping.outer;
  }

  /** Whom a public port stands for when `source` sends to it. */
  inbound(port: number, source: Endpoint): NatMapping | undefined {
    const mapping = this.#byPort.get(port);
    if (mapping === undefined || mapping.forStream) return undefined;
    if (!this.#alive(mapping)) return this.#remove(mapping);
    const { filtering } = this.#options;
    const admitted = filtering === "none" || mapping.remotes.has(this.#remoteKey(source));
    return admitted ? mapping : undefined;
  }

  /** Whether the mapping behind a public endpoint is still the one it was. */
  keeps(outer: Endpoint): boolean {
    return this.#byPort.get(outer.port)?.outer === outer;
  }

  /** Moves the mappings of one host, or of all, to other public ports. */
  rebind(machine?: Machine): void {
    for (const mapping of [...this.#byPort.values()]) {
      if (machine !== undefined && mapping.machine !== machine) continue;
      this.#remove(mapping);
      this.#note("rebound", mapping);
    }
  }

  #alive(mapping: NatMapping): boolean {
    return mapping.forStream || this.#world.time.now - mapping.usedAt <= this.#options.idleMs;
  }

  #map(who: Pick<NatMapping, "machine" | "inner" | "forStream">): NatMapping {
    if (this.#byPort.size >= this.#options.maxMappings) {
      for (const oldest of this.#byPort.values()) {
        this.#remove(oldest);
        break;
      }
    }
    const outer = new Endpoint(this.ip, this.#choosePort());
    const mapping = { ...who, outer, remotes: new Set<string>(), usedAt: 0 };
    if (!who.forStream) this.#byInner.set(innerKey(who.machine, who.inner), mapping);
    this.#byPort.set(outer.port, mapping);
    this.#note("mapped", mapping);
    return mapping;
  }

  #move(mapping: NatMapping): undefined {
    this.#note("rebound", mapping);
    return this.#remove(mapping);
  }

  #remove(mapping: NatMapping): undefined {
    if (!mapping.forStream) this.#byInner.delete(innerKey(mapping.machine, mapping.inner));
    this.#byPort.delete(mapping.outer.port);
  }

  #choosePort(): number {
    let port: number;
    do port = FIRST_PORT + Math.floor(this.#world.random.next() * (PORTS - FIRST_PORT)); while (
      this.#byPort.has(port)
    );
    return port;
  }

  #remoteKey(remote: Endpoint): string {
    return this.#options.filtering === "port" ? remote.key : remote.ip;
  }

  #note(what: "mapped" | "rebound", mapping: NatMapping): void {
    const { inner, outer } = mapping;
    this.#world.note(what, { from: inner, to: outer });
  }
}

function innerKey(machine: Machine, inner: Endpoint): string {
  return `${machine.number} ${inner.key}`;
}
