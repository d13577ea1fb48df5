import { EventLoop, type NetworkFaults, SimulatedNetwork } from "../../../loop/mod.ts";
import type { PollerWorld } from "./poller_world.ts";

/** Options of {@linkcode SimulatedWorld}. */
export interface SimulatedWorldOptions {
  /** Whether both loops run on one host. */
  sameHost?: boolean;
  /** How bad the network is. */
  faults?: NetworkFaults;
}

/** Two loops in a simulated network. */
export class SimulatedWorld implements PollerWorld {
  readonly server: EventLoop;
  readonly client: EventLoop;
  readonly serverHost = "10.0.0.1";
  readonly errors: unknown[] = [];
  readonly #network: SimulatedNetwork;

  /** @param options See {@linkcode SimulatedWorldOptions}. */
  constructor(options: SimulatedWorldOptions = {}) {
    const { sameHost = false, faults } = options;
    const onError = (error: unknown): void => void this.errors.push(error);
    this.#network = new SimulatedNetwork({ seed: 1, faults });
    const server = this.#network.host(this.serverHost);
    const client = sameHost ? server : this.#network.host("10.0.0.2");
    this.server = new EventLoop({ poller: server.poller(), onError });
    this.client = new EventLoop({ poller: client.poller(), onError });
  }

  unixPath(): string {
    return "/run/socket";
  }

  silentAddress(): Promise<{ hostname: string; port: number }> {
    const host = this.#network.host("10.0.0.3");
    host.crash();
    return Promise.resolve({ hostname: host.address, port: 80 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.client[Symbol.asyncDispose]();
    this.#network.close();
  }
}
