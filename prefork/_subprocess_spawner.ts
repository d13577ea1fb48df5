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
/** After that it has to be silent for so long: this process may have had no time to listen. */
const SILENCE_MS = 10;
/** Who inherited the output may go on for ever. */
const MAX_SILENCE_CHECKS = 100;
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
  readonly #loop: EventLoop;
  #channel: Channel | null = null;
  #exited = false;
  #outputOver: ProcessExit | null = null;
  #channelOver = false;
  #heard = false;
  #ended = false;

  constructor(child: ChildProcess, events: ProcessEvents, loop: EventLoop) {
    this.#events = events;
    this.#loop = loop;
    this.pid = child.pid ?? -1;
    child.on("error", (error) => {
      events.onLine("stderr", error.message);
      this.#exited = true;
      this.#end({ code: NOT_STARTED, signal: null });
    });
    if (child.pid === undefined) return;
    this.#channel = new Channel(child.stdio[CHANNEL_FD] as unknown as Socket, {
      onFrame: (kind, payload) => {
        this.#heard = true;
        events.onFrame(kind, payload);
      },
      onClose: (fault) => {
        this.#channelOver = true;
        if (fault !== null) events.onFault(fault);
        this.#endIfOver();
      },
    });
    readLines(child.stdout!, (line) => this.#hear("stdout", line));
    readLines(child.stderr!, (line) => this.#hear("stderr", line));
    // "close" waits for the output to end, which a process started by this one may hold open; it
    // doesn't wait for the channel.
    child.on("exit", (code, signal) => {
      this.#exited = true;
      loop.callLater(OUTPUT_PATIENCE_MS, () => this.#endInSilence({ code, signal }));
    });
    child.on("close", (code, signal) => {
      this.#outputOver = { code, signal };
      this.#endIfOver();
    });
  }

  send(kind: FrameKind, payload: Uint8Array): boolean {
    return this.#channel?.send(kind, payload) ?? false;
  }

  kill(signal: Deno.Signal): void {
    // The number may be another process's once this one has ended.
    if (!this.#exited) sendSignal(this.pid, signal);
  }

  #hear(stream: "stdout" | "stderr", line: string): void {
    if (this.#ended) return;
    this.#heard = true;
    this.#events.onLine(stream, line);
  }

  #endIfOver(): void {
    if (this.#outputOver !== null && this.#channelOver) this.#end(this.#outputOver);
  }

  #endInSilence(exit: ProcessExit, checks = 0): void {
    this.#heard = false;
    this.#loop.callLater(SILENCE_MS, () => {
      if (this.#heard && checks < MAX_SILENCE_CHECKS) this.#endInSilence(exit, checks + 1);
      else this.#end(exit);
    });
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
