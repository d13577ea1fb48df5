import {
  EventLoop,
  type SimulatedHost,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
} from "../../loop/mod.ts";
import {
  AesEncryptor,
  decodeHeader,
  ModstampServer,
  type ModstampServerOptions,
  type ModstampServerStats,
  SecurityProfile,
} from "../../modstamp/mod.ts";
import { SimulatedPeer, type SimulatedPeerOptions } from "./simulated_peer.ts";

/** The address of the server's host. */
export const SERVER_ADDRESS = "10.0.0.1";
/** The address of a host that may change values. */
export const WRITER = "10.1.0.1";
/** The address of a host that may only query. */
export const STRANGER = "203.0.113.5";
/** The address of a host that may do nothing. */
export const OUTCAST = "192.0.2.1";
/** The key that the profile knows as `office`. */
export const KEY: Uint8Array<ArrayBuffer> = new Uint8Array(32).fill(7);

const KEY_TEXT = "07".repeat(32);
const PROFILE = SecurityProfile.from([
  { encryption: "plain", permission: "rw", hosts: ["10.1.0.0/16"] },
  { encryption: "plain", permission: "none", hosts: [OUTCAST] },
  { encryption: "plain", permission: "ro" },
  { encryption: "aes-256-gcm", permission: "rw", id: "office", key: KEY_TEXT },
  { encryption: "aes-256-gcm", permission: "ro", id: "guest", key: KEY_TEXT },
]);

/** A server in a simulated network, and peers that talk to it packet by packet. */
export class SimulatedServer implements Disposable {
  /** The network. */
  readonly network: SimulatedNetwork;
  /** What the server has reported. */
  readonly errors: unknown[] = [];
  /** The server, the last one when it was started several times. */
  server!: ModstampServer;
  readonly #options: ModstampServerOptions;

  private constructor(options: ModstampServerOptions, network: Partial<SimulatedNetworkOptions>) {
    this.#options = options;
    this.network = new SimulatedNetwork({ seed: 1, ...network });
  }

  /** Starts a server. */
  static async start(
    options: ModstampServerOptions = {},
    network: Partial<SimulatedNetworkOptions> = {},
  ): Promise<SimulatedServer> {
    const simulated = new SimulatedServer(options, network);
    await simulated.restart();
    return simulated;
  }

  /** The host that it runs on. */
  get host(): SimulatedHost {
    return this.network.host(SERVER_ADDRESS);
  }

  /** What the server has counted, without what is zero. */
  get counted(): Record<string, number> {
    const { refused, ...stats }: ModstampServerStats = this.server.stats();
    const entries = Object.entries({ ...stats, ...refused }).filter(([, count]) => count !== 0);
    return Object.fromEntries(entries);
  }

  /** Starts a server again, on a loop of its own. */
  async restart(): Promise<void> {
    const onError = (error: unknown): void => void this.errors.push(error);
    this.server = await ModstampServer.listen({
      loop: new EventLoop({ poller: this.host.poller(), onError }),
      profile: PROFILE,
      onError,
      ...this.#options,
    });
  }

  /** A peer on the host at an address. */
  async peer(
    address: string,
    options: Omit<SimulatedPeerOptions, "server"> = {},
  ): Promise<SimulatedPeer> {
    const server = { hostname: SERVER_ADDRESS, port: this.server.address.port };
    return await SimulatedPeer.start(this.network.host(address), { ...options, server });
  }

  /** Lets everything under way arrive. */
  async settle(): Promise<void> {
    await this.network.advance(20);
  }

  [Symbol.dispose](): void {
    this.network.close();
  }
}

/** The client's side of an encrypted exchange. */
export class EncryptedPeer {
  /** The peer that sends and receives. */
  readonly peer: SimulatedPeer;
  /** Its encryptor. */
  readonly encryptor: AesEncryptor;

  constructor(peer: SimulatedPeer, options: { keyId: string; key?: Uint8Array }) {
    const { clock, random } = peer.loop;
    this.peer = peer;
    this.encryptor = new AesEncryptor({ key: KEY, side: "client", clock, random, ...options });
  }

  /** Encrypts a plain packet and sends it; answers what was sent. */
  send(packet: Uint8Array): Uint8Array {
    const encrypted = this.encryptor.encrypt(packet.subarray(1));
    this.peer.send(encrypted);
    return encrypted;
  }

  /** The packets received since the last call, as plain ones; `null` for what is not for it. */
  take(): (Uint8Array | null)[] {
    return this.peer.take().map((bytes) => {
      const bodyStart = decodeHeader(bytes)!.bodyStart;
      if (bodyStart === 1) return null;
      const body = this.encryptor.decrypt({ bytes, start: 0, bodyStart, end: bytes.length });
      return body.ok ? Uint8Array.from([0, ...body.bytes.subarray(body.start, body.end)]) : null;
    });
  }
}
