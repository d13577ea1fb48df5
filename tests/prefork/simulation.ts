import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { Supervisor, type SupervisorOptions } from "../../prefork/mod.ts";
import { FakeSpawner } from "./fake_spawner.ts";

/** A supervisor in virtual time, whose workers are fakes. */
export class Simulation implements Disposable {
  /** The supervisor's loop. */
  readonly loop: EventLoop;
  /** What starts its workers. */
  readonly spawner: FakeSpawner;
  /** The supervisor. */
  readonly supervisor: Supervisor;
  /** What it logged, as `level worker message`. */
  readonly log: string[] = [];
  readonly #network: SimulatedNetwork;

  constructor(options: Partial<SupervisorOptions> = {}) {
    this.#network = new SimulatedNetwork({ seed: 1 });
    this.loop = new EventLoop({ poller: this.#network.host("10.0.0.1").poller() });
    this.spawner = new FakeSpawner(this.loop);
    this.supervisor = new Supervisor({
      entry: "/srv/app.ts",
      permissions: ["-A"],
      loop: this.loop,
      spawner: this.spawner,
      onLog: ({ level, message, worker }) => this.log.push(`${level} ${worker ?? "-"} ${message}`),
      ...options,
    });
  }

  /** Starts the supervisor, and lets its workers boot. */
  async start(): Promise<void> {
    const started = this.supervisor.start();
    await this.advance(100);
    await started;
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    await this.#network.advance(ms);
  }

  /** The numbers of the workers that are in a state. */
  inState(state: string): number[] {
    return this.supervisor.workers.filter((worker) => worker.state === state).map(({ id }) => id);
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
  }
}
