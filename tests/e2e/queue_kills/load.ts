import { type EventLoop, StreamError } from "../../../loop/mod.ts";
import { StoreError } from "../../../queue/mod.ts";
import { BeanstalkLink } from "../../../queue/beanstalk/beanstalk_link.ts";
import type { KillJudge } from "./judge.ts";

const PRODUCERS = 2;
const LINE_PRODUCERS = 2;
const WORKERS = 4;
/** Jobs that a producer sends before it waits for the answers. */
const BATCH = 40;
/** Jobs that a worker has reserved at a time. */
const HELD = 8;
/** Jobs that wait at most, so that there is an end. */
const MAX_OPEN = 3000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where a life of the server listens. */
export interface Life {
  readonly number: number;
  readonly line: number;
  readonly beanstalk: number;
}

/** Producers and workers of one life of a server, which go on until it is killed. */
export class KillLoad {
  readonly #loop: EventLoop;
  readonly #judge: KillJudge;
  readonly #life: Life;
  /** Whether nothing more is sent. */
  isDraining = false;
  /** Whether the server was killed. */
  isKilled = false;

  constructor(loop: EventLoop, options: { judge: KillJudge; life: Life }) {
    this.#loop = loop;
    this.#judge = options.judge;
    this.#life = options.life;
  }

  /** Runs until the server is gone, or nothing is left while draining. */
  async run(): Promise<void> {
    const roles = [
      ...Array.from({ length: PRODUCERS }, () => this.#produce()),
      ...Array.from({ length: LINE_PRODUCERS }, () => this.#write()),
      ...Array.from({ length: WORKERS }, () => this.#work()),
    ];
    await Promise.all(roles.map((role) => role.catch(ignoreLoss)));
  }

  async #wants(): Promise<boolean> {
    const isOver = (): boolean => this.isDraining || this.isKilled;
    while (!isOver() && this.#judge.open > MAX_OPEN) await this.#loop.sleep(5);
    return !isOver();
  }

  #connect(): Promise<BeanstalkLink> {
    const place = { hostname: "127.0.0.1", port: this.#life.beanstalk };
    return BeanstalkLink.open(place, { loop: this.#loop });
  }

  /** Puts jobs by the beanstalk protocol. */
  async #produce(): Promise<void> {
    const link = await this.#connect();
    while (await this.#wants()) {
      const puts = Array.from({ length: BATCH }, async () => {
        const number = this.#judge.sending();
        const body = `{"job":"note","data":${number}}`;
        const { words } = await link.ask(`put 10 0 3600 ${body.length}\r\n${body}`);
        if (words[0] === "INSERTED") this.#judge.stored(number);
      });
      const results = await Promise.allSettled(puts);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }
    link.close();
  }

  /** Writes jobs by the line protocol, and asks whether they are stored. */
  async #write(): Promise<void> {
    const answers = new LineAnswers();
    const stream = await this.#loop.connectStream({
      hostname: "127.0.0.1",
      port: this.#life.line,
      handlers: answers,
    });
    while (await this.#wants()) {
      const numbers = Array.from({ length: BATCH }, () => this.#judge.sending());
      const lines = numbers.map((number) => `{"job":"note","data":${number},"timeoutMs":0}\n`);
      stream.write(encoder.encode(`${lines.join("")}{"ack":1}\n`));
      if (await answers.next() === null) return;
      for (const number of numbers) this.#judge.stored(number);
    }
    stream.terminate();
  }

  /** Reserves jobs, and deletes them. */
  async #work(): Promise<void> {
    const link = await this.#connect();
    for (;;) {
      const asks = Array.from({ length: HELD }, () => link.ask("reserve-with-timeout 0"));
      const given = await Promise.all(asks);
      const jobs = given.filter(({ words }) => words[0] === "RESERVED").map(({ words, data }) => {
        const number: number = JSON.parse(decoder.decode(data!)).data;
        this.#judge.ran(number, this.#life.number);
        return { id: words[1], number };
      });
      if (jobs.length === 0) {
        if (this.isDraining && this.#judge.open === 0) break;
        await this.#loop.sleep(2);
      }
      await Promise.all(jobs.map(async ({ id, number }) => {
        this.#judge.ending(number);
        const { words } = await link.ask(`delete ${id}`);
        if (words[0] === "DELETED") this.#judge.ended(number);
        else this.#judge.faults.push(`${number} could not be deleted: ${words.join(" ")}`);
      }));
    }
    link.close();
  }
}

/** Lines of answers of the line protocol. */
class LineAnswers {
  #text = "";
  #isOver = false;
  #wake: (() => void) | null = null;

  onData(chunk: Uint8Array): void {
    this.#text += decoder.decode(chunk);
    this.#wake?.();
  }

  onClose(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** The next line; `null` when the connection is gone. */
  async next(): Promise<string | null> {
    while (!this.#text.includes("\n") && !this.#isOver) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const end = this.#text.indexOf("\n");
    if (end < 0) return null;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }
}

/** A server that was killed is what all this is about. */
function ignoreLoss(error: unknown): void {
  if (!(error instanceof StoreError || error instanceof StreamError)) throw error;
}
