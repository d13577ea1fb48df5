import { isAlive, processTree, sampleTree, type TreeSample } from "./process_tree.ts";
import { sleep, until, uptimeMs } from "./uptime.ts";

/** How long the processes of a program that was killed may stay. */
const ORPHAN_MS = 15_000;
/** How long a program may take until it is ready, on a machine that has much to do. */
const BOOT_MS = 60_000;
/** How long to wait until a program is started again that has ended by itself. */
const AGAIN_MS = 500;

/** How to start a {@linkcode ChaosProgram}. */
export interface ChaosProgramOptions {
  /** What it is called in the report. */
  name: string;
  /** Its file, relative to the package, and its arguments. */
  args: string[];
  /** What it prints once it serves. */
  ready: RegExp;
  /** Environment variables besides those of this process. */
  env: Record<string, string>;
  /** Where what it prints is kept. */
  logFile: string;
  /** Whether it may end by itself just now, as when its disk is full. */
  mayEnd: () => boolean;
  /** The signal that stops it gracefully. */
  stopSignal?: Deno.Signal;
}

/** A program of the package that is killed, paused and started again. */
export class ChaosProgram {
  readonly name: string;
  /** What it has done that it must not. */
  readonly faults: string[] = [];
  /** How often it was started. */
  starts = 0;
  readonly #options: ChaosProgramOptions;
  #child: Deno.ChildProcess | null = null;
  #ready = Promise.withResolvers<void>();
  #isReady = false;
  #isWanted = false;

  /** @param options See {@linkcode ChaosProgramOptions}. */
  constructor(options: ChaosProgramOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** Whether it serves, as far as it has said. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Its process and all that it has started. */
  get tree(): number[] {
    return this.#child === null ? [] : processTree(this.#child.pid);
  }

  /** What it holds. */
  sample(): TreeSample {
    return sampleTree(this.#child?.pid ?? null);
  }

  /** Starts it, and waits until it serves. */
  async start(): Promise<void> {
    this.#isWanted = true;
    this.#spawn();
    await this.#untilReady();
  }

  /** Kills its first process, and starts it again after a while. */
  async kill(downMs: number): Promise<void> {
    const left = this.tree;
    this.#isWanted = false;
    this.signal("SIGKILL");
    await this.#child?.status;
    const gone = await until(() => !left.some(isAlive), ORPHAN_MS);
    if (!gone) this.faults.push(`processes outlived it: ${left.filter(isAlive).join(", ")}`);
    await sleep(downMs);
    await this.start();
  }

  /** Sends a signal to its first process. */
  signal(signal: Deno.Signal): void {
    if (this.#child !== null) this.#send(this.#child.pid, signal);
  }

  /** Sends a signal to all of its processes. */
  signalTree(signal: Deno.Signal): void {
    for (const pid of this.tree) this.#send(pid, signal);
  }

  /** Sends a signal to one of those that it has started; whether there was one. */
  signalChild(signal: Deno.Signal, part: number): boolean {
    const children = this.tree.slice(1);
    if (children.length === 0) return false;
    this.#send(children[Math.floor(part * children.length)], signal);
    return true;
  }

  /** Stops it as an administrator would. */
  async stop(patienceMs: number): Promise<void> {
    if (this.#child === null) return;
    this.#isWanted = false;
    const left = this.tree;
    let code: number | null = null;
    void this.#child.status.then((status) => code = status.code);
    this.signal(this.#options.stopSignal ?? "SIGTERM");
    await until(() => code !== null && !left.some(isAlive), patienceMs);
    if (code !== 0) {
      this.faults.push(`it was to stop, and ${code === null ? "did not" : `exited with ${code}`}`);
    }
    for (const pid of left.filter(isAlive)) {
      this.faults.push(`process ${pid} of it had to be killed at the end`);
      this.#send(pid, "SIGKILL");
    }
  }

  async #untilReady(): Promise<void> {
    const end = uptimeMs() + BOOT_MS;
    while (!this.#isReady && uptimeMs() < end) {
      await Promise.race([this.#ready.promise, sleep(500)]);
    }
    if (!this.#isReady) this.faults.push(`it was not ready after ${BOOT_MS / 1000} s`);
  }

  #spawn(): void {
    const { args: [file, ...args], env } = this.#options;
    const url = new URL(`../../${file}`, import.meta.url).href;
    this.starts++;
    this.#isReady = false;
    this.#ready = Promise.withResolvers();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--unstable-kv", "--unstable-net", url, ...args],
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    const read = [child.stdout, child.stderr].map((stream) => this.#read(stream));
    void Promise.all([child.status, ...read]).then(([status]) => this.#ended(child, status));
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.#note(lines);
    }
  }

  #note(lines: string[]): void {
    const at = (uptimeMs() / 1000).toFixed(2);
    const text = lines.map((line) => `${at} ${line}\n`).join("");
    Deno.writeTextFileSync(this.#options.logFile, text, { append: true });
    if (!lines.some((line) => this.#options.ready.test(line))) return;
    this.#isReady = true;
    this.#ready.resolve();
  }

  /** Starts it again, as any service manager would. */
  #ended(child: Deno.ChildProcess, { code, signal }: Deno.CommandStatus): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#isReady = false;
    if (!this.#isWanted) return;
    this.#note([`ended by itself: code ${code}, signal ${signal}`]);
    if (!this.#options.mayEnd()) this.faults.push(`it ended by itself with ${signal ?? code}`);
    setTimeout(() => {
      if (this.#isWanted && this.#child === null) this.#spawn();
    }, AGAIN_MS);
  }

  #send(pid: number, signal: Deno.Signal): void {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      // It may just have ended.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
