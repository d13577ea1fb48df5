import { EventLoop, SimulatedNetwork, type StreamSocket } from "../../../loop/mod.ts";
import { LineServer, type LineServerOptions, MemoryJobStore } from "../../../queue/mod.ts";
import { StreamPeer } from "../../loop/simulated/stream_peer.ts";

const decoder = new TextDecoder();

/** A line server in a simulated network. */
export class LineScene implements AsyncDisposable {
  readonly network: SimulatedNetwork = new SimulatedNetwork({ seed: 5 });
  readonly errors: unknown[] = [];
  readonly loop: EventLoop = new EventLoop({
    poller: this.network.host("10.0.0.1").poller(),
    onError: (error) => void this.errors.push(error),
  });
  readonly #clientLoop = new EventLoop({ poller: this.network.host("10.0.0.2").poller() });
  readonly store: MemoryJobStore;
  server!: LineServer;

  constructor(maxJobs: number) {
    this.store = new MemoryJobStore({ loop: this.loop, maxJobs });
  }

  static async start(
    options: Partial<LineServerOptions> & { maxJobs?: number } = {},
  ): Promise<LineScene> {
    const scene = new LineScene(options.maxJobs ?? 1000);
    scene.server = await LineServer.listen({
      loop: scene.loop,
      store: scene.store,
      hostname: "10.0.0.1",
      allow: ["10.0.0.2"],
      ...options,
    });
    return scene;
  }

  async connect(): Promise<StreamPeer & { stream: StreamSocket }> {
    const peer = new StreamPeer();
    peer.stream = await this.#clientLoop.connectStream({
      hostname: "10.0.0.1",
      port: 8001,
      handlers: peer,
    });
    return peer;
  }

  /** Waits for so many jobs, and gives their data. */
  async data(count: number): Promise<unknown[]> {
    const found: unknown[] = [];
    while (found.length < count) {
      const jobs = await this.store.reserve({ tubes: ["default"], max: count - found.length });
      for (const job of jobs) {
        found.push(JSON.parse(decoder.decode(job.body)).data);
        await this.store.complete(job);
      }
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.network.close();
  }
}

/** Lines that are jobs, whose data are numbers. */
export function lines(from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += `{"job":"count","data":${i}}\n`;
  return text;
}

/** The numbers below one. */
export function numbers(to: number): number[] {
  return Array.from({ length: to }, (_, i) => i);
}
