import { SeededRandom } from "../../loop/mod.ts";
import { FaultLog } from "./fault_log.ts";
import { fillingDisk, jumpingClock } from "./machine_faults.ts";
import { Ports } from "./ports.ts";
import { processesWith } from "./process_tree.ts";
import { Resources } from "./resources.ts";
import type { Fault, Scene, Stage, Verdict } from "./scene.ts";
import { ModstampScene } from "./scenes/modstamp_scene.ts";
import { PreforkScene } from "./scenes/prefork_scene.ts";
import { QueueScene } from "./scenes/queue_scene.ts";
import { WebSocketScene } from "./scenes/websocket_scene.ts";
import { SmallDisk } from "./small_disk.ts";
import { sleep, until, uptimeMs } from "./uptime.ts";
import { WallClock } from "./wall_clock.ts";

const DISK_MIB = 96;
const MARK = "SLUICE_CHAOS";
/** How long a program may take to stop, with all that it has started. */
const STOP_MS = 45_000;

/** Options of {@linkcode Chaos}. */
export interface ChaosOptions {
  readonly seed: number;
  /** How long faults come. */
  readonly durationMs: number;
  /** The longest rest between two faults. */
  readonly restMs: number;
  /** An empty folder. */
  readonly folder: string;
  readonly print: (line: string) => void;
  /** Ends the faults early; what was promised is checked then. */
  readonly signal: AbortSignal;
}

/** All modules on one machine as real programs, under load and under faults. */
export class Chaos implements AsyncDisposable {
  readonly #options: ChaosOptions;
  readonly #mark = crypto.randomUUID();
  readonly #held = new AsyncDisposableStack();
  readonly #random: SeededRandom;
  readonly #log = new FaultLog();
  readonly #resources = new Resources();
  readonly #disk: SmallDisk;
  readonly #clocks = new Map<string, WallClock>();
  readonly #ports: Ports;
  readonly #scenes: Scene[];
  /** Faults at each scene at present. */
  readonly #atScene = new Map<string, number>();
  #diskFreeAt = -Infinity;
  readonly #startedAt = uptimeMs();
  #sampledAt: number | null = null;
  #isDiskFull = false;

  private constructor(options: ChaosOptions, disk: SmallDisk) {
    this.#options = options;
    this.#disk = disk;
    this.#random = new SeededRandom(options.seed);
    this.#ports = new Ports(new SeededRandom(Date.now()));
    const scenes = [QueueScene, ModstampScene, WebSocketScene, PreforkScene];
    const stage = this.#stage();
    this.#held.use(disk);
    this.#held.defer(() => this.#killLeft());
    this.#scenes = scenes.map((SceneClass) => this.#held.use(new SceneClass(stage)));
  }

  /** Prepares everything, and starts all programs. */
  static async start(options: ChaosOptions): Promise<Chaos> {
    const chaos = new Chaos(options, await SmallDisk.make(options.folder, DISK_MIB));
    if (chaos.#disk.whyNot !== null) options.print(`skipped: full disks, as ${chaos.#disk.whyNot}`);
    if (chaos.#clocks.size === 0) {
      options.print("skipped: clock jumps, as libfaketime is not installed");
    }
    for (const scene of chaos.#scenes) await scene.start();
    return chaos;
  }

  /** Lets faults happen, and judges; whether all guarantees were kept. */
  async run(): Promise<Verdict[]> {
    const { durationMs, print } = this.#options;
    const end = uptimeMs() + durationMs;
    const reporter = setInterval(() => print(this.#line()), Math.min(60_000, durationMs / 4));
    try {
      const { seed } = this.#options;
      const streams = [new SeededRandom(seed), new SeededRandom(seed + 1)];
      await Promise.all(streams.map((random) => this.#disturb(end, random)));
    } finally {
      clearInterval(reporter);
    }
    const faults = [...this.#log.counts()].sort(([a], [b]) => a < b ? -1 : 1);
    print(`faults: ${faults.map(([what, count]) => `${what} ${count}`).join(", ")}`);
    print(this.#line());
    const verdicts: Verdict[] = [];
    for (const scene of this.#scenes) {
      const found = await scene.conclude();
      verdicts.push(...found.map((each) => ({ ...each, text: `${scene.name}: ${each.text}` })));
    }
    for (const scene of this.#scenes) print(`${scene.name}: ${scene.describe()}`);
    for (const line of this.#resources.lines()) print(line);
    return [...verdicts, ...this.#resources.judge(), ...await this.#leave()];
  }

  /** Ends whatever is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held.disposeAsync();
  }

  #killLeft(): void {
    for (const pid of processesWith(`${MARK}=${this.#mark}`)) Deno.kill(pid, "SIGKILL");
  }

  /** One fault after the other, never two at one scene. */
  async #disturb(endMs: number, random: SeededRandom): Promise<void> {
    for (;;) {
      await sleep(random.next() * this.#options.restMs);
      if (uptimeMs() >= endMs || this.#options.signal.aborted) return;
      const { scenes, fault } = this.#draw(random);
      if (scenes.some((scene) => (this.#atScene.get(scene) ?? 0) > 0)) continue;
      const harm = fault.harm;
      const begun = this.#log.begin({ what: fault.what, scenes, harm });
      for (const scene of scenes) this.#count(scene, 1);
      try {
        if (harm === "disk") this.#isDiskFull = true;
        await fault.run(random);
      } finally {
        begun[Symbol.dispose]();
        for (const scene of scenes) this.#count(scene, -1);
        if (harm === "disk") {
          this.#isDiskFull = false;
          this.#diskFreeAt = uptimeMs();
        }
      }
    }
  }

  /** Draws a scene first, as some have more faults of their own than others. */
  #draw(random: SeededRandom): { scenes: string[]; fault: Fault } {
    const choices = this.#scenes.length + (this.#disk.whyNot === null ? 1 : 0);
    const scene = this.#scenes[Math.floor(random.next() * choices)];
    if (scene === undefined) {
      const scenes = ["queue", "modstamp", "websocket"];
      return { scenes, fault: fillingDisk(this.#disk) };
    }
    const clock = this.#clocks.get(scene.name);
    const faults = [...scene.faults, ...clock ? [jumpingClock(clock, scene.name)] : []];
    return { scenes: [scene.name], fault: faults[Math.floor(random.next() * faults.length)] };
  }

  #count(scene: string, by: number): void {
    this.#atScene.set(scene, (this.#atScene.get(scene) ?? 0) + by);
  }

  /** What is to be said each minute. */
  #line(): string {
    const programs = this.#scenes.flatMap(({ programs }) => programs);
    const { mebibytes, busyMs } = this.#resources.sample(programs);
    const at = uptimeMs();
    const sinceMs = at - (this.#sampledAt ?? this.#startedAt);
    this.#sampledAt = at;
    return [
      `${((at - this.#startedAt) / 60_000).toFixed(1)} min`,
      `${mebibytes} MiB, ${(busyMs / sinceMs).toFixed(2)} of a core`,
      `${this.#log.size} faults`,
      ...this.#scenes.map((scene) => scene.describe()),
    ].join("; ");
  }

  /** Stops all programs as an administrator would; nothing of them may stay. */
  async #leave(): Promise<Verdict[]> {
    const programs = this.#scenes.flatMap(({ programs }) => programs);
    for (const program of programs.toReversed()) await program.stop(STOP_MS);
    const faults = programs.flatMap(({ name, faults }) =>
      faults.map((fault) => `${name}: ${fault}`)
    );
    const isLeft = (): number[] => processesWith(`${MARK}=${this.#mark}`);
    await until(() => isLeft().length === 0, 5000);
    const left = isLeft();
    const inUse = this.#ports.inUse();
    return [
      {
        text: "every program ended when it was told to, and only then",
        holds: faults.length === 0,
        evidence: faults.slice(0, 5),
      },
      { text: "no process is left", holds: left.length === 0, evidence: left.map(String) },
      { text: "all ports are free", holds: inUse.length === 0, evidence: inUse.map(String) },
    ];
  }

  #stage(): Stage {
    const { folder } = this.#options;
    return {
      random: this.#random,
      log: this.#log,
      folder,
      disk: this.#disk.path,
      env: (scene) => {
        const clock = this.#clocks.get(scene) ?? WallClock.make(`${folder}/clock_${scene}`);
        if (clock !== null) this.#clocks.set(scene, clock);
        return { [MARK]: this.#mark, ...clock?.env };
      },
      isDiskFull: () => this.#isDiskFull || uptimeMs() < this.#diskFreeAt + 5000,
      calm: async (scene) => {
        while ((this.#atScene.get(scene) ?? 0) > 0) await sleep(100);
      },
      port: () => this.#ports.take(),
    };
  }
}
