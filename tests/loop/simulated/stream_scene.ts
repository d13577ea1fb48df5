import {
  type ConnectOptions,
  EventLoop,
  type ListenOptions,
  type NetworkFaults,
  type SimulatedHost,
  SimulatedNetwork,
  type StreamListener,
} from "../../../loop/mod.ts";
import { StreamPeer } from "./stream_peer.ts";

/** A server and a client with a stream between them. */
export class Scene implements Disposable {
  readonly network: SimulatedNetwork;
  readonly server: SimulatedHost;
  readonly client: SimulatedHost;
  readonly serverLoop: EventLoop;
  readonly clientLoop: EventLoop;
  readonly accepted: StreamPeer[] = [];
  listener!: StreamListener;

  constructor(options: { seed?: number; faults?: NetworkFaults } = {}) {
    this.network = new SimulatedNetwork({ seed: options.seed ?? 3, faults: options.faults });
    this.server = this.network.host("10.0.0.1", { name: "server" });
    this.client = this.network.host("10.0.0.2");
    this.serverLoop = new EventLoop({ poller: this.server.poller() });
    this.clientLoop = new EventLoop({ poller: this.client.poller() });
  }

  async listen(options: Partial<ListenOptions> = {}): Promise<void> {
    this.listener = await this.serverLoop.listenStream({
      port: 80,
      onConnection: (stream) => {
        const peer = new StreamPeer();
        peer.stream = stream;
        this.accepted.push(peer);
        return peer;
      },
      ...options,
    });
  }

  async connect(options: Partial<ConnectOptions> = {}): Promise<StreamPeer> {
    const peer = new StreamPeer();
    peer.stream = await this.clientLoop.connectStream({
      hostname: "10.0.0.1",
      port: 80,
      handlers: peer,
      ...options,
    });
    return peer;
  }

  /** Listens, connects, and gives both sides. */
  async pair(
    options: Partial<ConnectOptions> = {},
  ): Promise<[client: StreamPeer, server: StreamPeer]> {
    await this.listen();
    const client = await this.connect(options);
    await this.network.until(() => this.accepted.length > 0);
    return [client, this.accepted[0]];
  }

  [Symbol.dispose](): void {
    this.network.close();
  }
}

/** Why a stream has ended. */
export function codeOf(peer: StreamPeer): string | undefined {
  return peer.error?.code;
}
