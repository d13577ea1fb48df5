import { fileURLToPath } from "node:url";
import { ChaosProgram } from "../chaos_program.ts";
import { killing, killingChild, pausing, tcpFaults } from "../common_faults.ts";
import type { Fault, Scene, Stage, Verdict } from "../scene.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { until } from "../uptime.ts";
import { JobFile } from "./job_file.ts";
import { JobLedger } from "./job_ledger.ts";
import { produceByBeanstalk, produceLines, readStats } from "./producers.ts";

/** How long it may take until all jobs are done, when no fault comes any more. */
const PATIENCE_MS = 120_000;
const JOBS = fileURLToPath(new URL("./jobs.ts", import.meta.url));

/** A job server on a file, producers of both protocols, and workers in processes. */
export class QueueScene implements Scene {
  readonly name = "queue";
  readonly programs: ChaosProgram[];
  readonly faults: Fault[] = [];
  readonly #stage: Stage;
  readonly #ports: { line: number; beanstalk: number };
  readonly #ledger: JobLedger;
  readonly #file: JobFile;
  readonly #proxies: TcpProxy[] = [];
  readonly #complaints: string[] = [];
  readonly #stop = new AbortController();
  #producers: Promise<void>[] = [];
  #reader: ReturnType<typeof setInterval> | undefined;

  /** @param stage What all scenes share. */
  constructor(stage: Stage) {
    this.#stage = stage;
    this.#ports = { line: stage.port(), beanstalk: stage.port() };
    this.#ledger = new JobLedger(stage.log);
    this.#file = new JobFile(`${stage.folder}/jobs.txt`);
    this.programs = [this.#server()];
  }

  /** Starts the server, bad networks before it, workers and producers. */
  async start(): Promise<void> {
    const { line, beanstalk } = this.#ports;
    const [server] = this.programs;
    await server.start();
    const toLines = await TcpProxy.start(line);
    const toBeanstalk = await TcpProxy.start(beanstalk);
    const toWorkers = await TcpProxy.start(beanstalk);
    this.#proxies.push(toLines, toBeanstalk, toWorkers);
    const worker = this.#worker(toWorkers.port);
    this.programs.push(worker);
    await worker.start();
    this.faults.push(
      ...[killing(server), pausing(server), killing(worker), pausing(worker), killingChild(worker)],
      ...tcpFaults(toLines, "lines"),
      ...tcpFaults(toBeanstalk, "beanstalk"),
      ...tcpFaults(toWorkers, "workers"),
    );
    const shared = {
      ledger: this.#ledger,
      random: this.#stage.random,
      signal: this.#stop.signal,
      complain: (text: string) => void this.#complaints.push(text),
    };
    this.#producers = [
      produceLines({ ...shared, port: line }),
      produceLines({ ...shared, port: toLines.port }),
      produceByBeanstalk({ ...shared, port: beanstalk }),
      produceByBeanstalk({ ...shared, port: toBeanstalk.port }),
    ];
    this.#reader = setInterval(() => this.#read(), 200);
  }

  describe(): string {
    const { acknowledged, done, repeated } = this.#ledger;
    return `jobs ${acknowledged} acknowledged, ${done} done, ${repeated} run again`;
  }

  async conclude(): Promise<Verdict[]> {
    this.#stop.abort();
    await Promise.all(this.#producers);
    let left = new Map<string, number>();
    const isIdle = await until(async () => {
      this.#read();
      left = await readStats(this.#ports.beanstalk) ?? left;
      const waiting = ["ready", "delayed", "reserved"].map((state) => `current-jobs-${state}`);
      return left.size > 0 && waiting.every((name) => left.get(name) === 0) &&
        this.#ledger.lost().length === 0;
    }, PATIENCE_MS);
    this.#read();
    return this.#judge(isIdle, left);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#reader);
    this.#stop.abort();
    for (const proxy of this.#proxies) await proxy[Symbol.asyncDispose]();
  }

  #judge(isIdle: boolean, left: Map<string, number>): Verdict[] {
    const ledger = this.#ledger;
    const lost = ledger.lost();
    const { least, most } = ledger.doomed();
    const buried = left.get("current-jobs-buried") ?? -1;
    return [
      {
        text:
          `each of ${ledger.acknowledged} acknowledged jobs ran to its end, ${lost.length} lost`,
        holds: lost.length === 0 && ledger.acknowledged > 0,
        evidence: lost.slice(0, 5).map((id) => `job ${id}`),
      },
      {
        text: `none ran twice without a fault: ${ledger.repeated} ran again, ` +
          `${ledger.excused} of them as a fault had hit them`,
        holds: ledger.unexcused.length === 0,
        evidence: ledger.unexcused,
      },
      {
        text: `nothing waits at the end but the ${least} to ${most} jobs that were to be buried: ` +
          `${buried} are`,
        holds: isIdle && buried >= least && buried <= most,
        evidence: [[...left].filter(([name]) => name.startsWith("current-jobs")).join(" ")],
      },
      {
        text: "no good job was refused",
        holds: this.#complaints.length === 0,
        evidence: this.#complaints.slice(0, 5),
      },
    ];
  }

  #read(): void {
    for (const line of this.#file.lines()) this.#ledger.read(line);
  }

  #server(): ChaosProgram {
    const { line, beanstalk } = this.#ports;
    return new ChaosProgram({
      name: "queue/server.ts",
      args: [
        ...["queue/server.ts", "--store", `kv:${this.#stage.disk}/queue.db`],
        ...["--line", String(line), "--beanstalk", String(beanstalk)],
      ],
      ready: /^listening on /,
      env: this.#stage.env("queue"),
      logFile: `${this.#stage.folder}/queue_server.log`,
      mayEnd: () => this.#stage.isDiskFull(),
    });
  }

  #worker(port: number): ChaosProgram {
    return new ChaosProgram({
      name: "queue/work.ts",
      args: ["queue/work.ts", JOBS, "--server", `127.0.0.1:${port}`, "-c", "2", "--grace", "5"],
      ready: /^working on /,
      env: { ...this.#stage.env("queue"), SLUICE_CHAOS_JOBS: `${this.#stage.folder}/jobs.txt` },
      logFile: `${this.#stage.folder}/queue_work.log`,
      mayEnd: () => false,
    });
  }
}
