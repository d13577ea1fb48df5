import { BlockPool } from "../block_pool.ts";
import type { Clock } from "../clock.ts";
import type { DatagramOptions, DatagramSocket } from "../datagram.ts";
import type { Handle } from "../handle.ts";
import type { Poller, PollerHost } from "../poller.ts";
import { type RandomSource, SeededRandom } from "../random.ts";
import { UnknownHostError } from "../resolve_hostname.ts";
import type { ConnectOptions, ListenOptions, StreamListener, StreamSocket } from "../stream.ts";
import { connectSimulatedStream } from "./connect.ts";
import { SimulatedListener } from "./listener.ts";
import { SimulatedDatagram } from "./datagram.ts";
import type { DatagramWire } from "./datagram_wire.ts";
import type { Machine } from "./machine.ts";
import type { Turn } from "./virtual_time.ts";
import type { World } from "./world.ts";

/** A socket of this poller, as the poller sees it. */
export interface SimulatedSource {
  /** Moves what is ready; called in the I/O phase after {@linkcode SimulatedPoller.markReady}. */
  respond(): void;
  /** Waits until what it has queued was sent or has failed. */
  flush(): void | Promise<void>;
  /** Closes it at once and without a word, as the loop is being disposed. */
  drop(): void;
  /**
   * Is told before it is dropped that its machine has crashed.
   *
   * @param silent Whether its peers are not told.
   */
  vanish?(silent: boolean): void;
}

/** A poller in the simulated network: its time is virtual, its sockets are in memory. */
export class SimulatedPoller implements Poller, Turn {
  /** This is the simulated poller. */
  readonly name = "simulated";
  /** The virtual clock. */
  readonly clock: Clock;
  /** A source that repeats itself with the network's seed. */
  readonly random: RandomSource;
  /** The machine it runs on. */
  readonly machine: Machine;
  /** What carries its datagrams. */
  readonly wire: DatagramWire;
  /** Memory that its streams share. */
  readonly pool: BlockPool = new BlockPool();
  readonly #world: World;
  readonly #number: number;
  readonly #sources = new Set<SimulatedSource>();
  readonly #enqueue: () => void;
  #loop!: PollerHost;
  #ready: SimulatedSource[] = [];
  #responding: SimulatedSource[] = [];
  #resume: (() => void) | null = null;
  #deadline: Handle | null = null;
  #queued = false;
  #crashed = false;

  constructor(machine: Machine, wire: DatagramWire) {
    const { world } = machine;
    this.machine = machine;
    this.wire = wire;
    this.#world = world;
    this.#number = world.numberPoller();
    this.random = new SeededRandom(world.random.next() * 2 ** 32);
    const startedAt = world.time.now;
    this.clock = {
      monotonicMs: () => world.time.now - startedAt,
      wallMs: () => Math.floor(world.wallMs + world.time.now + machine.clockOffsetMs),
    };
    this.#enqueue = () => this.#queueTurn();
  }

  /** How many sockets are open. */
  get active(): number {
    return this.#sources.size;
  }

  /** The loop that this poller serves. */
  get loop(): PollerHost {
    return this.#loop;
  }

  /** Connects the poller with its loop. */
  attach(host: PollerHost): void {
    this.#loop = host;
    if (this.#crashed) host.halt();
  }

  /** Begins to wait for `source`; starts the loop. */
  add(source: SimulatedSource): void {
    this.#sources.add(source);
    this.#loop.start();
  }

  /** Waits for `source` no longer. */
  remove(source: SimulatedSource): void {
    this.#sources.delete(source);
    this.wake();
  }

  /** Has `source` respond in the next I/O phase. */
  markReady(source: SimulatedSource): void {
    this.#ready.push(source);
    this.wake();
  }

  /** Waits for its turn; at least a macrotask, so that promise chains settle. */
  poll(timeoutMs: number): void | Promise<void> {
    if (this.#crashed) return;
    return new Promise((resolve) => {
      this.#resume = resolve;
      if (this.#ready.length > 0 || timeoutMs <= 0) this.#queueTurn();
      else if (timeoutMs !== Infinity) {
        this.#deadline = this.#world.time.after(timeoutMs, this.#enqueue);
      }
    });
  }

  /** Runs one iteration of its loop. */
  take(): void {
    this.#queued = false;
    if (this.#crashed) return;
    this.#world.trace.turn(this.#number, this.#world.time.now);
    this.#leave();
  }

  /** Lets each ready socket move its bytes. */
  respond(): void {
    const due = this.#ready;
    this.#ready = this.#responding;
    this.#responding = due;
    for (const source of due) source.respond();
    due.length = 0;
  }

  /** Ends a wait that is under way. */
  wake(): void {
    if (this.#resume !== null) this.#queueTurn();
  }

  /** Waits until all sockets have sent what they had queued. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#sources, (source) => source.flush()));
  }

  /**
   * Asks the network who has that name.
   *
   * @throws {UnknownHostError} When nobody has.
   */
  resolve(hostname: string): Promise<string[]> {
    const addresses = [...this.machine.resolve(hostname)];
    if (addresses.length > 0) return Promise.resolve(addresses);
    return Promise.reject(new UnknownHostError(hostname));
  }

  /** Opens a datagram socket. */
  async bindDatagram(options: DatagramOptions): Promise<DatagramSocket> {
    if (this.#crashed) return await new Promise(() => {});
    return new SimulatedDatagram(this, options);
  }

  /** Listens for stream connections. */
  async listenStream(options: ListenOptions): Promise<StreamListener> {
    if (this.#crashed) return await new Promise(() => {});
    return new SimulatedListener(this, options);
  }

  /** Opens a stream connection. */
  async connectStream(options: ConnectOptions): Promise<StreamSocket> {
    if (this.#crashed) return await new Promise(() => {});
    return await connectSimulatedStream(this, options);
  }

  /**
   * Ends its loop and all of its sockets here and now.
   *
   * @param silent Whether the peers of its streams are not told.
   */
  crash(silent: boolean): void {
    if (this.#crashed) return;
    this.#crashed = true;
    this.machine.pollers.delete(this);
    this.#loop?.halt();
    for (const source of [...this.#sources]) {
      source.vanish?.(silent);
      source.drop();
    }
    this.#ready.length = 0;
    this.#responding.length = 0;
    this.#leave();
  }

  /** Closes all sockets. */
  [Symbol.asyncDispose](): Promise<void> {
    for (const source of [...this.#sources]) source.drop();
    this.machine.pollers.delete(this);
    return Promise.resolve();
  }

  #queueTurn(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#deadline?.cancel();
    this.#deadline = null;
    this.#world.time.enqueue(this);
  }

  #leave(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }
}
