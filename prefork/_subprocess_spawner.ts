import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { EventLoop } from "../loop/mod.ts";
import { Channel } from "./_channel.ts";
import type { FrameKind } from "./_frame.ts";
import { LineSplitter } from "./_line_splitter.ts";
import { sendSignal } from "./_send_signal.ts";
import type {
  ProcessCommand,
  ProcessEvents,
  ProcessExit,
  ProcessSpawner,
  SpawnedProcess,
} from "./process_spawner.ts";

/** The descriptor of the channel in the process. */
export const CHANNEL_FD = 3;

/** How long the output of a process that has ended is waited for. */
const OUTPUT_PATIENCE_MS = 200;
/** What a shell exits with when it can't start a command. */
const NOT_STARTED = 127;

/**
 * Starts real processes. They get a process group of their own, so that a signal typed at the
 * terminal reaches the supervisor alone.
 */
export class SubprocessSpawner implements ProcessSpawner {
  readonly #loop: EventLoop;

  /**
   * Makes a subprocess spawner.
   *
   * @param loop The loop that waits for the last output.
   */
  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Starts a process. */
  spawn(command: ProcessCommand, events: ProcessEvents): SpawnedProcess {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    return new Subprocess(child, events, this.#loop);
  }
}

class Subprocess implements SpawnedProcess {
  readonly pid: number;
  readonly #events: ProcessEvents;
  #channel: Channel | null = null;
  #exited = false;
  #ended = false;

  constructor(child: ChildProcess, events: ProcessEvents, loop: EventLoop) {
    this.#events = events;
    this.pid = child.pid ?? -1;
    child.on("error", (error) => {
      events.onLine("stderr", error.message);
      this.#exited = true;
      this.#end({ code: NOT_STARTED, signal: null });
    });
    if (child.pid === undefined) return;
    this.#channel = new Channel(child.stdio[CHANNEL_FD] as unknown as Socket, {
      onFrame: (kind, payload) => events.onFrame(kind, payload),
      onClose: (fault) => void (fault !== null && events.onFault(fault)),
    });
    readLines(child.stdout!, (line) => this.#ended || events.onLine("stdout", line));
    readLines(child.stderr!, (line) => this.#ended || events.onLine("stderr", line));
    // "close" waits for the output to end, which a process started by this one may hold open.
    child.on("exit", (code, signal) => {
      this.#exited = true;
      loop.callLater(OUTPUT_PATIENCE_MS, () => this.#end({ code, signal }));
    });
    child.on("close", (code, signal) => this.#end({ code, signal }));
  }

  send(kind: FrameKind, payload: Uint8Array): boolean {
    return this.#channel?.send(kind, payload) ?? false;
  }

  kill(signal: Deno.Signal): void {
    // The number may be another process's once this one has ended.
    if (!this.#exited) sendSignal(this.pid, signal);
  }

  #end(exit: ProcessExit): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#channel?.close();
    this.#events.onExit(exit);
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  const lines = new LineSplitter(onLine);
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  stream.on("end", () => lines.end());
}
