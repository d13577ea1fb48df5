import { PreparedMessage } from "../prepared_message.ts";

/** Limits of a {@linkcode TopicLog}. */
export interface TopicLogLimits {
  /** Most events kept. */
  readonly maxEvents: number;
  /** Most characters that the kept events take. */
  readonly maxCharacters: number;
}

/** The last events of one topic, numbered without gaps. */
export class TopicLog {
  readonly #limits: TopicLogLimits;
  #events: PreparedMessage[] = [];
  #characters = 0;
  #last: number;

  /**
   * @param limits See {@linkcode TopicLogLimits}.
   * @param last The number before that of the first event.
   */
  constructor(limits: TopicLogLimits, last: number) {
    this.#limits = limits;
    this.#last = last;
  }

  /** The number of the last event. */
  get last(): number {
    return this.#last;
  }

  /** How many events are kept. */
  get size(): number {
    return this.#events.length;
  }

  /**
   * Adds an event.
   *
   * @param encode Makes the message from the number of the event.
   * @returns The message.
   */
  add(encode: (number: number) => string): PreparedMessage {
    const message = new PreparedMessage(encode(++this.#last));
    this.#events.push(message);
    this.#characters += message.data.length;
    const { maxEvents, maxCharacters } = this.#limits;
    while (
      this.#events.length > maxEvents ||
      (this.#characters > maxCharacters && this.#events.length > 0)
    ) {
      this.#characters -= this.#events.shift()!.data.length;
    }
    return message;
  }

  /**
   * The events behind one.
   *
   * @param number The number of that one.
   * @returns The events, or `null` when some of them are not kept any more.
   */
  after(number: number): readonly PreparedMessage[] | null {
    const missed = this.#last - number;
    if (missed < 0 || missed > this.#events.length) return null;
    return this.#events.slice(this.#events.length - missed);
  }
}
