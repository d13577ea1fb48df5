import type { EventLoop } from "../../loop/mod.ts";
import { encodeControl, type ToSupervisor, type ToWorker } from "../../prefork/_control_message.ts";
import { FrameKind } from "../../prefork/_frame.ts";
import type {
  ProcessCommand,
  ProcessEvents,
  ProcessSpawner,
  SpawnedProcess,
} from "../../prefork/process_spawner.ts";

const decoder = new TextDecoder();

/** What a process does by itself. */
export type Behaviour = "serves" | "boots only when told" | "plain" | "ignores";

/** A process in virtual time. */
export class FakeProcess implements SpawnedProcess {
  readonly pid: number;
  /** What it was started with. */
  readonly command: ProcessCommand;
  /** Whether it answers pings. */
  answers = true;
  /** How long it takes to finish when it has to go. */
  finishMs = 10;
  /** What it was told, in order. */
  readonly told: ToWorker["type"][] = [];
  /** Signals it was sent. */
  readonly signals: string[] = [];
  /** Frames that are no control messages. */
  readonly frames: { kind: FrameKind; bytes: Uint8Array }[] = [];
  /** What it says in pongs. */
  vitals = { rssBytes: 1000, requests: 0 };
  readonly #loop: EventLoop;
  readonly #events: ProcessEvents;
  readonly #behaviour: Behaviour;
  #ended = false;

  constructor(
    pid: number,
    options: {
      command: ProcessCommand;
      loop: EventLoop;
      events: ProcessEvents;
      behaviour: Behaviour;
    },
  ) {
    this.pid = pid;
    this.command = options.command;
    this.#loop = options.loop;
    this.#events = options.events;
    this.#behaviour = options.behaviour;
  }

  /** Whether its process runs. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** Says all that a worker says which boots. */
  boot(): void {
    this.say({ type: "hello" }, { type: "managed" }, { type: "ready" });
  }

  /** Tells the supervisor something. */
  say(...messages: ToSupervisor[]): void {
    for (const message of messages) this.frame(FrameKind.control, encodeControl(message));
  }

  /** Sends the supervisor a frame. */
  frame(kind: FrameKind, bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#ended) this.#events.onFrame(kind, bytes);
  }

  /** Prints a line. */
  print(line: string): void {
    this.#events.onLine("stderr", line);
  }

  /** Breaks the rules of the channel. */
  babble(): void {
    this.#events.onFault("a test");
  }

  /** Ends. */
  exit(code: number | null, signal: string | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onExit({ code, signal });
  }

  send(kind: FrameKind, payload: Uint8Array): boolean {
    if (kind !== FrameKind.control) {
      this.frames.push({ kind, bytes: payload.slice() });
      return !this.#ended;
    }
    const { type } = JSON.parse(decoder.decode(payload)) as ToWorker;
    this.told.push(type);
    if (type === "config") this.#begin();
    if (!this.answers) return true;
    // As over a pipe: what it does comes after what the supervisor is doing now.
    if (type === "ping") this.#loop.callSoon(() => this.say({ type: "pong", ...this.vitals }));
    if (type === "stop") this.#loop.callSoon(() => this.exit(0));
    if (type === "retire") this.#loop.callLater(this.finishMs, () => this.exit(0));
    return true;
  }

  #begin(): void {
    if (this.#behaviour === "serves") this.#loop.callLater(50, () => this.boot());
    if (this.#behaviour === "plain") {
      this.#loop.callLater(50, () => this.say({ type: "hello" }, { type: "loaded" }));
    }
  }

  kill(signal: Deno.Signal): void {
    this.signals.push(signal);
    if (signal === "SIGKILL" || this.answers) {
      this.#loop.callSoon(() => this.exit(null, signal));
    }
  }
}

/** Starts processes in virtual time. */
export class FakeSpawner implements ProcessSpawner {
  /** All processes that were started. */
  readonly processes: FakeProcess[] = [];
  /** What those do that are started from now on. */
  behaviour: Behaviour = "serves";
  /** Set to have processes fail to start. */
  fault: Error | null = null;
  readonly #loop: EventLoop;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Processes that run. */
  get alive(): FakeProcess[] {
    return this.processes.filter((process) => process.alive);
  }

  /** The process that was started last. */
  get last(): FakeProcess {
    return this.processes.at(-1)!;
  }

  spawn(command: ProcessCommand, events: ProcessEvents): SpawnedProcess {
    if (this.fault !== null) throw this.fault;
    const { behaviour } = this;
    const pid = 100 + this.processes.length;
    const process = new FakeProcess(pid, { command, loop: this.#loop, events, behaviour });
    this.processes.push(process);
    return process;
  }
}
