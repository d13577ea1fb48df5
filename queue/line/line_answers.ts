import type { EventLoop, Handle, StreamSocket } from "../../loop/mod.ts";

/** Bytes of answers that are held back at most. */
const MAX_BYTES = 65_536;

const encoder = new TextEncoder();

/** What one connection of the line protocol is told: held back while its sender still writes. */
export class LineAnswers {
  readonly #loop: EventLoop;
  readonly #stream: StreamSocket;
  readonly #delayMs: number;
  #held = "";
  #uncounted = 0;
  #stuck = false;
  #timer: Handle | null = null;

  /**
   * @param stream The connection.
   * @param options The loop, and how long the sender must have been silent.
   */
  constructor(stream: StreamSocket, options: { loop: EventLoop; delayMs: number }) {
    this.#stream = stream;
    this.#loop = options.loop;
    this.#delayMs = options.delayMs;
  }

  /** Whether the sender doesn't read what it is told. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** Adds what is wrong with a line; of too many only their number is told. */
  refuse(line: number, error: string): void {
    if (this.#held.length >= MAX_BYTES) this.#uncounted++;
    else this.#held += `${JSON.stringify({ line, error })}\n`;
  }

  /** Answers once the sender is silent, from now on. */
  delay(): void {
    if (this.#held === "") return;
    this.#timer?.cancel();
    this.#timer = this.#loop.callLater(this.#delayMs, () => {
      // While nothing is read, nobody knows whether the sender is still there.
      if (!this.#stream.paused) this.send();
    });
  }

  /**
   * Answers at once.
   *
   * @param last What concerns no line alone, at the end.
   */
  send(last?: string): void {
    this.cancel();
    const count = this.#uncounted;
    if (count > 0) this.#add({ error: `Cannot take ${count} further lines`, count });
    if (last !== undefined) this.#add({ error: last });
    if (this.#held === "") return;
    // Who doesn't read what was answered before gets no more.
    if (this.#stream.queuedBytes < MAX_BYTES) this.#stream.write(encoder.encode(this.#held));
    this.#held = "";
    this.#uncounted = 0;
  }

  /** Answers that all is durable up to here, behind what is wrong with it. */
  confirm(ack: string, jobs: number): void {
    this.send();
    this.#stuck = !this.#stream.write(encoder.encode(`{"ack":${ack},"jobs":${jobs}}\n`));
  }

  /** The sender has read what it was told. */
  drain(): void {
    this.#stuck = false;
  }

  /** Answers no more by itself. */
  cancel(): void {
    this.#timer?.cancel();
  }

  #add(answer: { error: string; count?: number }): void {
    this.#held += `${JSON.stringify(answer)}\n`;
  }
}
