import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { ModstampGateway, type ModstampGatewayOptions } from "../../../modstamp/http/mod.ts";
import { MemoryModstampStore, type ModstampStore, StoreSource } from "../../../modstamp/mod.ts";
import { changesOf } from "../store_conformance.ts";

/** Where the gateway is. */
export const BASE = "http://localhost/v1/modstamps";

/** A gateway in virtual time, on a store in memory. */
export class GatewayWorld implements AsyncDisposable {
  readonly gateway: ModstampGateway;
  readonly source: StoreSource;
  /** What the gateway has reported. */
  readonly errors: unknown[] = [];
  readonly #network: SimulatedNetwork;

  private constructor(
    source: StoreSource,
    network: SimulatedNetwork,
    options: Partial<ModstampGatewayOptions>,
  ) {
    this.source = source;
    this.#network = network;
    const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
    const onError = (error: unknown): void => void this.errors.push(error);
    this.gateway = new ModstampGateway({ source, loop, onError, token: "secret", ...options });
  }

  /** Makes a gateway, and gives ids values. */
  static async start(
    values: Record<string, string> = {},
    { store = new MemoryModstampStore(), ...options }:
      & Partial<ModstampGatewayOptions>
      & { store?: ModstampStore } = {},
  ): Promise<GatewayWorld> {
    const source = await StoreSource.open(store);
    const network = new SimulatedNetwork({ seed: 1 });
    const world = new GatewayWorld(source, network, options);
    if (Object.keys(values).length > 0) await world.change(values);
    return world;
  }

  /** Changes values as somebody else does. */
  async change(values: Record<string, string>): Promise<void> {
    await this.source.change(changesOf(values));
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    await this.#network.advance(ms);
  }

  /** Asks the gateway; `path` comes behind where it is. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return this.gateway.fetch(new Request(`${BASE}${path}`, init));
  }

  /** Opens a stream. */
  async stream(ids: readonly string[], lastEventId?: string): Promise<StreamReader> {
    const query = ids.map((id) => `id=${id}`).join("&");
    const headers = new Headers({ accept: "text/event-stream" });
    if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
    return new StreamReader(await this.ask(`?${query}`, { headers }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gateway[Symbol.dispose]();
    this.#network.close();
    await this.source[Symbol.asyncDispose]();
  }
}

/** Reads a stream as browsers do. */
export class StreamReader {
  readonly response: Response;
  /** The id of the last event. */
  lastEventId = "";
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(response: Response) {
    this.response = response;
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next chunk as it is; `null` at the end. */
  async chunk(): Promise<string | null> {
    const { done, value } = await this.#reader.read();
    return done ? null : value;
  }

  /** The values that the next chunk tells, as texts. */
  async events(): Promise<string[]> {
    const chunk = await this.chunk() ?? "";
    return chunk.split("\n\n").filter((each) => each.startsWith("id: ")).map((each) => {
      const [, token, json] = /^id: ([\w-]+)\ndata: (.*)$/.exec(each)!;
      this.lastEventId = token!;
      const { id, value } = JSON.parse(json!);
      return `${id}=${value}`;
    });
  }

  /** Goes away. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}
