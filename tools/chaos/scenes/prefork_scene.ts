import { fileURLToPath } from "node:url";
import { ChaosProgram } from "../chaos_program.ts";
import { between, killing, killingChild, pausing, tcpFaults } from "../common_faults.ts";
import type { Fault, Scene, Stage, Verdict } from "../scene.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { sleep } from "../uptime.ts";
import { type HttpCounts, visitHttp } from "./http_visitor.ts";

const APP = fileURLToPath(new URL("./http_app.ts", import.meta.url));
const WORKERS = 2;
/** Silence after which a worker is killed: longer than any pause that is to be borne. */
const TIMEOUT_S = 10;

/** A supervisor and its workers, and visitors that are to notice nothing of what it does. */
export class PreforkScene implements Scene {
  readonly name = "prefork";
  readonly programs: ChaosProgram[];
  readonly faults: Fault[] = [];
  readonly #stage: Stage;
  readonly #port: number;
  readonly #counts: HttpCounts = { answered: 0, excused: 0, complaints: [] };
  readonly #stop = new AbortController();
  #visitors: Promise<void>[] = [];
  #proxy: TcpProxy | null = null;

  /** @param stage What all scenes share. */
  constructor(stage: Stage) {
    this.#stage = stage;
    this.#port = stage.port();
    this.programs = [this.#supervisor()];
  }

  /** Starts the supervisor, a bad network before it, and visitors on both sides of it. */
  async start(): Promise<void> {
    const [supervisor] = this.programs;
    await supervisor.start();
    this.#proxy = await TcpProxy.start(this.#port);
    this.faults.push(
      ...[killing(supervisor), pausing(supervisor), killingChild(supervisor)],
      ...[reloading(supervisor), reloading(supervisor), scaling(supervisor), hanging(supervisor)],
      ...tcpFaults(this.#proxy, "http"),
    );
    const { random, log } = this.#stage;
    const shared = { random, log, counts: this.#counts, signal: this.#stop.signal };
    const visit = (byProxy: boolean, keepAlive: boolean): Promise<void> =>
      visitHttp({ ...shared, byProxy, keepAlive, port: byProxy ? this.#proxy!.port : this.#port });
    this.#visitors = [false, false, true].flatMap((byProxy) => [
      visit(byProxy, false),
      visit(byProxy, true),
    ]);
  }

  describe(): string {
    const { answered, excused } = this.#counts;
    return `requests ${answered} answered, ${excused} failed inside of a fault`;
  }

  async conclude(): Promise<Verdict[]> {
    this.#stop.abort();
    await Promise.all(this.#visitors);
    const { answered, excused, complaints } = this.#counts;
    return [{
      text: `of ${answered + excused} requests none failed but ${excused} ` +
        "inside of what was killed or on a bad network",
      holds: complaints.length === 0 && answered > 0,
      evidence: complaints.slice(0, 5),
    }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#proxy?.[Symbol.asyncDispose]();
  }

  #supervisor(): ChaosProgram {
    return new ChaosProgram({
      name: "prefork/main.ts",
      args: [
        ...["prefork/main.ts", APP, "-w", String(WORKERS), "-p", String(this.#port)],
        ...["--hostname", "127.0.0.1", "--timeout", String(TIMEOUT_S)],
      ],
      ready: /^listening on /,
      env: this.#stage.env("prefork"),
      logFile: `${this.#stage.folder}/prefork_main.log`,
      mayEnd: () => false,
      stopSignal: "SIGQUIT",
    });
  }
}

/** All workers are replaced, which nobody may notice. */
function reloading(program: ChaosProgram): Fault {
  return {
    what: `${program.name} reloaded`,
    harm: "none",
    run: async () => {
      program.signal("SIGHUP");
      await sleep(4000);
    },
  };
}

/** A worker more for a while, which nobody may notice either. */
function scaling(program: ChaosProgram): Fault {
  return {
    what: `${program.name} scaled`,
    harm: "none",
    run: async (random) => {
      program.signal("SIGTTIN");
      await sleep(between(random, { least: 1500, most: 4000 }));
      program.signal("SIGTTOU");
      await sleep(1500);
    },
  };
}

/** A worker stands still until its supervisor has had enough of it. */
function hanging(program: ChaosProgram): Fault {
  return {
    what: `a worker of ${program.name} hung`,
    harm: "kill",
    run: async (random) => {
      program.signalChild("SIGSTOP", random.next());
      await sleep((TIMEOUT_S + 2) * 1000);
    },
  };
}
