/** Jobs of a connection between two questions. */
export interface LineGroup {
  /** Jobs that are not yet stored, and not refused. */
  left: number;
  /** Jobs that were stored. */
  stored: number;
  /** What the question behind them is to be answered with, once it was asked. */
  ack: string | null;
}

/** Questions of a sender whether all that it sent before is stored. */
export class LineQuestions {
  readonly #asked: LineGroup[] = [];
  #open: LineGroup = { left: 0, stored: 0, ack: null };
  #stored = 0;

  /** How many questions wait. */
  get waiting(): number {
    return this.#asked.length;
  }

  /** A job was read; tells where it belongs. */
  add(): LineGroup {
    this.#open.left++;
    return this.#open;
  }

  /** A question was read. */
  ask(ack: string): void {
    this.#open.ack = ack;
    this.#asked.push(this.#open);
    this.#open = { left: 0, stored: 0, ack: null };
  }

  /** What can be answered by now, and how many jobs were stored before it. */
  take(): { ack: string; jobs: number }[] {
    const answers: { ack: string; jobs: number }[] = [];
    while (this.#asked[0]?.left === 0) {
      const { ack, stored } = this.#asked.shift()!;
      this.#stored += stored;
      answers.push({ ack: ack!, jobs: this.#stored });
    }
    return answers;
  }
}
