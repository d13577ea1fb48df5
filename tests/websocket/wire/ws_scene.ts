import { EventLoop, type NetworkFaults, SimulatedNetwork } from "../../../loop/mod.ts";
import { type Application, WsServer, type WsServerOptions } from "../../../websocket/mod.ts";
import { type Fields, handshakeHead, portOf, RawClient } from "./raw_client.ts";

const SERVER = "10.0.0.1";

/** Sends every message back. */
export const ECHO: Application = {
  onMessage: (connection, message) => void connection.send(message),
};

/** Options of {@linkcode WsScene}. */
export interface WsSceneOptions extends WsServerOptions {
  seed?: number;
  faults?: NetworkFaults;
}

/** A server in a simulated network, and clients that do what they like. */
export class WsScene implements AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly loop: EventLoop;
  readonly clientLoop: EventLoop;
  readonly server: WsServer;
  /** What reached the server's `onError`. */
  readonly errors: unknown[] = [];
  port = 0;

  constructor(application: Application = ECHO, options: WsSceneOptions = {}) {
    const { seed = 1, faults, ...rest } = options;
    this.network = new SimulatedNetwork({ seed, faults });
    this.loop = new EventLoop({ poller: this.network.host(SERVER).poller() });
    this.clientLoop = new EventLoop({ poller: this.network.host("10.0.0.2").poller() });
    this.server = new WsServer(application, {
      loop: this.loop,
      onError: (error) => void this.errors.push(error),
      ...rest,
    });
  }

  /** Makes a scene whose server listens. */
  static async open(application?: Application, options?: WsSceneOptions): Promise<WsScene> {
    const scene = new WsScene(application, options);
    scene.port = portOf(await scene.server.listen());
    return scene;
  }

  /** A client that has said nothing yet. */
  connect(loop: EventLoop = this.clientLoop): Promise<RawClient> {
    return RawClient.connect(loop, { hostname: SERVER, port: this.port });
  }

  /** A client whose handshake was answered. */
  async client(fields: Fields = {}, line = "GET /path?query HTTP/1.1"): Promise<RawClient> {
    const client = await this.connect();
    client.stream.write(handshakeHead(fields, line));
    await this.network.until(() => client.head !== "");
    return client;
  }

  /** Sends pieces, each of which arrives by itself. */
  async send(client: RawClient, ...pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      client.stream.write(piece);
      await this.network.advance(5);
    }
  }

  /** Sends bytes in pieces of `size`, each of which arrives by itself. */
  async chop(client: RawClient, bytes: Uint8Array, size = 1): Promise<void> {
    for (let at = 0; at < bytes.length; at += size) {
      await this.send(client, bytes.subarray(at, at + size));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    await this.network.advance(100);
    this.network.close();
  }
}
