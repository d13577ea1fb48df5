import { decode, encode } from "@msgpack/msgpack";
import {
  type Application,
  type WampApplication,
  WampServer,
  type WampServerOptions,
} from "../../../websocket/mod.ts";
import { binary, text } from "../wire/masked_frame.ts";
import type { RawClient } from "../wire/raw_client.ts";
import { WsScene, type WsSceneOptions } from "../wire/ws_scene.ts";

/** What WAMP clients say first. */
export const ROLES = {
  publisher: {},
  subscriber: {},
  caller: {},
  callee: { features: { call_canceling: true } },
};

/** A client that says what a test wants, and gives what it was told as JSON. */
export class WampClient {
  readonly raw: RawClient;
  readonly #scene: WampScene;
  readonly #isBinary: boolean;
  #taken = 0;

  constructor(raw: RawClient, scene: WampScene, isBinary: boolean) {
    this.raw = raw;
    this.#scene = scene;
    this.#isBinary = isBinary;
  }

  /** Says something; the answer is there afterwards. */
  async say(...messages: unknown[][]): Promise<void> {
    for (const message of messages) {
      const frame = this.#isBinary ? binary(encode(message)) : text(JSON.stringify(message));
      this.raw.stream.write(frame);
    }
    await this.#scene.ws.network.advance(10);
  }

  /** What it was told since this was last asked. */
  take(): unknown[] {
    const frames = this.raw.frames.slice(this.#taken);
    this.#taken = this.raw.frames.length;
    return frames.map(({ opcode, payload }) => {
      if (opcode === 8) return ["close", (payload[0] << 8) | payload[1]];
      return opcode === 2 ? decode(payload) : JSON.parse(new TextDecoder().decode(payload));
    });
  }

  /** Says something, and gives what it was told then. */
  async ask(...messages: unknown[][]): Promise<unknown[]> {
    this.take();
    await this.say(...messages);
    return this.take();
  }
}

/** A server of WAMP in a simulated network. */
export class WampScene implements AsyncDisposable {
  readonly ws: WsScene;
  readonly wamp: WampServer;

  private constructor(ws: WsScene, wamp: WampServer) {
    this.ws = ws;
    this.wamp = wamp;
  }

  /** Makes a scene; `wrap` puts components around the server. */
  static async open(
    application: WampApplication = {},
    options: WampServerOptions & {
      wrap?: (server: Application) => Application;
      scene?: WsSceneOptions;
    } = {},
  ): Promise<WampScene> {
    const { wrap = (server) => server, scene, ...rest } = options;
    // The server's loop is there only once the scene is, but the application comes first.
    const holder: Application = { onOpen: () => undefined };
    const ws = new WsScene(holder, scene);
    const wamp = new WampServer(application, { ...rest, loop: ws.loop });
    const outer = wrap(wamp);
    Object.assign(holder, {
      subprotocols: wamp.subprotocols,
      onHandshake: outer.onHandshake?.bind(outer),
      onOpen: outer.onOpen?.bind(outer),
      onMessage: outer.onMessage?.bind(outer),
      onClose: outer.onClose?.bind(outer),
      onError: outer.onError?.bind(outer),
    });
    const address = await ws.server.listen();
    ws.port = "port" in address ? address.port : 0;
    return new WampScene(ws, wamp);
  }

  /** A client that has connected. */
  async connect(
    subprotocol = "wamp.2.json",
    fields: Record<string, string> = {},
  ): Promise<WampClient> {
    const raw = await this.ws.client({ "Sec-WebSocket-Protocol": subprotocol, ...fields });
    await this.ws.network.advance(10);
    return new WampClient(raw, this, subprotocol.endsWith("msgpack"));
  }

  /** A client of version 2 that has joined, and its id. */
  async join(subprotocol = "wamp.2.json", details: object = {}): Promise<[WampClient, number]> {
    const client = await this.connect(subprotocol);
    const [welcome] = await client.ask([1, "realm1", { roles: ROLES, ...details }]);
    return [client, (welcome as [number, number])[1]];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ws[Symbol.asyncDispose]();
  }
}
