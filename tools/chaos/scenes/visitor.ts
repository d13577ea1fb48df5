import type { RandomSource } from "../../../loop/mod.ts";
import { sleep } from "../uptime.ts";
import type { ValueLedger } from "./value_ledger.ts";

/** How long a visitor waits for an answer until it connects anew. */
const PATIENCE_MS = 8000;

/** What all visitors share. */
export interface VisitorOptions {
  /** Tells their sessions apart. */
  readonly name: string;
  readonly port: number;
  readonly ledger: ValueLedger;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  /** Counts messages of the room. */
  readonly onSaid: () => void;
  readonly complain: (text: string) => void;
}

/** A browser's page: one session, a connection that is made anew, messages to and from a room. */
export class Visitor {
  readonly #options: VisitorOptions;
  #cookie: string | null = null;
  #said: { boot: string; number: number } | null = null;

  /** @param options See {@linkcode VisitorOptions}. */
  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  /** Comes back whenever the connection is lost, until it is stopped. */
  async run(): Promise<void> {
    while (!this.#options.signal.aborted) {
      await this.#visit();
      await sleep(100 + this.#options.random.next() * 400);
    }
  }

  async #visit(): Promise<void> {
    const { ledger, name, random, signal } = this.#options;
    const headers: Record<string, string> = this.#cookie === null ? {} : { cookie: this.#cookie };
    const least = ledger.confirmedOf(name);
    const socket = new WebSocket(`ws://127.0.0.1:${this.#options.port}/`, { headers });
    const inbox = new Inbox(socket, (line) => this.#hear(line));
    this.#said = null;
    const hello = await inbox.next("hello");
    if (hello !== null) ledger.check(name, { number: Number(hello[1]), least, where: "hello" });
    while (hello !== null && !signal.aborted && inbox.isOpen) {
      const number = ledger.next(name);
      socket.send(`set ${number}`);
      const saved = await inbox.next("saved");
      if (saved === null) break;
      ledger.confirm(name, Number(saved[1]));
      this.#cookie = `sid=${saved[2]}`;
      if (random.next() < 0.5 && inbox.isOpen) socket.send("say something");
      await sleep(200 + random.next() * 600);
      if (random.next() < 0.03) break;
    }
    await inbox.close();
  }

  /** A connection that is open hears all that is said, in its order. */
  #hear(line: string): void {
    const [what, boot, text] = line.split(" ");
    if (what !== "said") return;
    this.#options.onSaid();
    const number = Number(text);
    const last = this.#said;
    if (last !== null && (last.boot !== boot || last.number + 1 !== number)) {
      this.#options.complain(`${this.#options.name} heard ${number} after ${last.number}`);
    }
    this.#said = { boot, number };
  }
}

/** The lines that come in, and a wait for one of a kind. */
class Inbox {
  readonly #socket: WebSocket;
  #wanted: { what: string; resolve: (words: string[] | null) => void } | null = null;
  readonly #early: string[][] = [];
  readonly #closed = Promise.withResolvers<void>();

  constructor(socket: WebSocket, hear: (line: string) => void) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      hear(data);
      const words = String(data).split(" ");
      if (words[0] === "said") return;
      if (this.#wanted?.what === words[0]) this.#answer(words);
      else this.#early.push(words);
    };
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => {
      this.#answer(null);
      this.#closed.resolve();
    };
  }

  /** Whether something can be sent. */
  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** The next line of a kind; `null` when the connection is lost or nothing comes. */
  next(what: string): Promise<string[] | null> {
    const early = this.#early.findIndex((words) => words[0] === what);
    if (early >= 0) return Promise.resolve(this.#early.splice(early, 1)[0]);
    if (this.#socket.readyState > WebSocket.OPEN) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#wanted = { what, resolve };
      const timer = setTimeout(() => this.#answer(null), PATIENCE_MS);
      this.#wanted.resolve = (words) => {
        clearTimeout(timer);
        resolve(words);
      };
    });
  }

  /** Closes, and waits a little for the end. */
  async close(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) this.#socket.close();
    await Promise.race([this.#closed.promise, sleep(PATIENCE_MS)]);
  }

  #answer(words: string[] | null): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.resolve(words);
  }
}
