import {
  type DatagramOptions,
  type DatagramSocket,
  EventLoop,
  type SimulatedHost,
} from "../../../loop/mod.ts";

/** A datagram that a station has received. */
export interface Received {
  /** When, on the station's clock. */
  atMs: number;
  /** The address and port it came from. */
  from: string;
  /** What it says. */
  text: string;
}

/** A loop with a datagram socket that writes down what it receives. */
export class Station {
  /** What it has received. */
  readonly received: Received[] = [];
  /** Its loop. */
  readonly loop: EventLoop;
  /** Its socket. */
  socket!: DatagramSocket;

  constructor(host: SimulatedHost) {
    this.loop = new EventLoop({ poller: host.poller() });
  }

  /** Starts a station on a host. */
  static async start(
    host: SimulatedHost,
    options: Partial<DatagramOptions> = {},
  ): Promise<Station> {
    const station = new Station(host);
    station.socket = await station.loop.bindDatagram({
      onBatch: (batch, socket) => {
        for (let i = 0; i < batch.count; i++) {
          const { hostname, port } = socket.peers.address(batch.peer(i));
          const bytes = batch.bytes.subarray(batch.start(i), batch.end(i));
          station.received.push({
            atMs: station.loop.now(),
            from: `${hostname} ${port}`,
            text: new TextDecoder().decode(bytes),
          });
        }
      },
      ...options,
    });
    return station;
  }

  /** What it has received, the texts only. */
  get texts(): string[] {
    return this.received.map(({ text }) => text);
  }

  /** Sends a text. */
  send(hostname: string, port: number, text: string): boolean {
    const peer = this.socket.peers.internAddress(hostname, port);
    return this.socket.send(peer, new TextEncoder().encode(text));
  }
}
