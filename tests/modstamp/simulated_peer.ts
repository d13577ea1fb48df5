import {
  type DatagramSocket,
  EventLoop,
  type SimulatedHost,
  type SocketAddress,
} from "../../loop/mod.ts";
import { decodeMessages, type Message } from "../../modstamp/mod.ts";

/** Options of {@linkcode SimulatedPeer.start}. */
export interface SimulatedPeerOptions {
  /** The server. */
  server: SocketAddress;
  /** The address to send from. */
  hostname?: string;
  /** The port to send from. */
  port?: number;
}

/** A bare socket in a simulated network that talks to a modstamp server packet by packet. */
export class SimulatedPeer {
  /** The packets received. */
  readonly packets: Uint8Array<ArrayBuffer>[] = [];
  /** Its loop. */
  readonly loop: EventLoop;
  /** Its socket. */
  socket!: DatagramSocket;
  /** Who sent the last packet received. */
  lastSender: SocketAddress | null = null;
  #server = 0;

  private constructor(loop: EventLoop) {
    this.loop = loop;
  }

  /** Binds a socket on a host. */
  static async start(host: SimulatedHost, options: SimulatedPeerOptions): Promise<SimulatedPeer> {
    const peer = new SimulatedPeer(new EventLoop({ poller: host.poller() }));
    peer.socket = await peer.loop.bindDatagram({
      hostname: options.hostname,
      port: options.port,
      onBatch: (batch) => {
        for (let i = 0; i < batch.count; i++) {
          peer.packets.push(batch.bytes.slice(batch.start(i), batch.end(i)));
          peer.lastSender = peer.socket.peers.address(batch.peer(i));
        }
      },
    });
    peer.talkTo(options.server);
    return peer;
  }

  /** Sends to another server from now on. */
  talkTo({ hostname, port }: SocketAddress): void {
    this.#server = this.socket.peers.internAddress(hostname, port);
    this.socket.peers.retain(this.#server);
  }

  /** Sends a packet to the server. */
  send(packet: Uint8Array): void {
    this.socket.send(this.#server, packet);
  }

  /** The packets received since the last call. */
  take(): Uint8Array<ArrayBuffer>[] {
    return this.packets.splice(0);
  }

  /** The messages of the plain packets received since the last call, as `R id=value`. */
  takeTexts(): string[] {
    return this.take().flatMap((packet) => {
      const decoded = decodeMessages(packet.subarray(1));
      return decoded.ok ? decoded.messages.map(textOf) : ["malformed"];
    });
  }
}

/** A message as `kind id=value`. */
export function textOf({ kind, id, value }: Message): string {
  return `${kind} ${id}=${new TextDecoder().decode(value)}`;
}
