import { StreamError, type StreamHandlers, type StreamSocket } from "../../loop/mod.ts";
import { ByteSlab } from "../byte_slab.ts";
import type { Command } from "./command.ts";
import { CommandReader } from "./command_reader.ts";
import type { ServerState } from "./server_state.ts";
import { type Reply, Session, type Single } from "./session.ts";

/** Most commands that are carried out at the same time. */
const MAX_AT_ONCE = 100;
/** Most commands of a connection that wait, beyond which it isn't read. */
const MAX_WAITING = 1000;
/** Most bytes of jobs in these commands, beyond which it isn't read either. */
const MAX_WAITING_BYTES = 4_194_304;
/** What may be carried out at the same time as others of its kind, and share a commit. */
const CONCURRENT: readonly Command["op"][] = ["put", "delete", "release", "reserve"];

/** One connection of the beanstalk protocol. */
export class BeanstalkConnection implements StreamHandlers {
  readonly #state: ServerState;
  readonly #stream: StreamSocket;
  readonly #reader: CommandReader;
  readonly #session: Session;
  readonly #slab = new ByteSlab();
  /** Aborted when the peer has ended its side: it waits for no more jobs. */
  readonly #left = new AbortController();
  #commands: Command[] = [];
  #next = 0;
  #waitingBytes = 0;
  #pumping: Promise<void> | null = null;

  /**
   * @param stream The connection.
   * @param state What it shares with other connections.
   */
  constructor(stream: StreamSocket, state: ServerState) {
    this.#stream = stream;
    this.#state = state;
    this.#reader = new CommandReader(state.maxJobBytes);
    this.#session = new Session(state);
  }

  onData(chunk: Uint8Array): void {
    const { length } = this.#commands;
    this.#reader.push(chunk, this.#commands);
    for (let i = length; i < this.#commands.length; i++) {
      const command = this.#commands[i];
      if (command.op === "put") this.#waitingBytes += command.body.length;
    }
    const isMany = this.#commands.length - this.#next >= MAX_WAITING;
    if (isMany || this.#waitingBytes >= MAX_WAITING_BYTES) this.#stream.pause();
    this.#wake();
  }

  onEnd(): void {
    this.#left.abort();
    if (this.#pumping === null) this.#stream.end();
  }

  async onClose(): Promise<void> {
    this.#left.abort();
    await this.#pumping;
    await this.#session.close();
  }

  #wake(): void {
    if (this.#pumping !== null || this.#next === this.#commands.length) return;
    this.#pumping = this.#pump();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#next < this.#commands.length && !this.#stream.closed) {
        const run = this.#nextRun();
        if (run[0].op === "quit") return await this.#stream[Symbol.asyncDispose]();
        const replies = await this.#carryOut(run);
        this.#advance(run[0].op, replies.length);
        if (!this.#write(replies) && this.#stream.writable) await this.#stream.drained();
      }
    } catch (error) {
      // A peer that has gone reads no answers.
      if (!(error instanceof StreamError)) throw error;
    } finally {
      this.#pumping = null;
    }
    if (this.#left.signal.aborted) this.#stream.end();
  }

  /** The next commands, of one kind, that may be carried out at the same time. */
  #nextRun(): Command[] {
    const { op } = this.#commands[this.#next];
    const ids = new Set<number>();
    let end = this.#next;
    for (; end < this.#commands.length && end - this.#next < MAX_AT_ONCE; end++) {
      const command = this.#commands[end];
      const isFit = command.op === op && (CONCURRENT.includes(op) || end === this.#next);
      if (!isFit || ("id" in command && ids.has(command.id))) break;
      if ("id" in command) ids.add(command.id);
    }
    return this.#commands.slice(this.#next, end);
  }

  #advance(op: Command["op"], count: number): void {
    const { counts } = this.#state;
    counts.set(op, (counts.get(op) ?? 0) + count);
    this.#next += count;
    if (this.#next < this.#commands.length) return;
    this.#commands = [];
    this.#next = 0;
    this.#waitingBytes = 0;
    this.#stream.resume();
  }

  /** Carries out as many of the commands, from the first one on, as are to be answered now. */
  async #carryOut(run: readonly Command[]): Promise<Reply[]> {
    const [first] = run;
    if (first.op === "reserve" || first.op === "reserve-with-timeout") {
      const options = { max: run.length, signal: this.#left.signal };
      try {
        return await this.#session.reserve(first.timeoutMs, options);
      } catch (error) {
        return [this.#failed(error)];
      }
    }
    return await Promise.all((run as readonly Single[]).map((command) => this.#single(command)));
  }

  async #single(command: Single): Promise<Reply> {
    try {
      return await this.#session.execute(command);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): Reply {
    this.#state.onError(error);
    return { line: "INTERNAL_ERROR" };
  }

  #write(replies: readonly Reply[]): boolean {
    let text = "";
    for (const { line, data } of replies) {
      text += `${line}\r\n`;
      if (data === undefined) continue;
      this.#stream.write(this.#slab.encode(text));
      this.#stream.write(data, { borrowed: true });
      text = "\r\n";
    }
    return this.#stream.write(this.#slab.encode(text));
  }
}
