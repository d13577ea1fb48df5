/** Server-sent events as they come. */
export class EventStream implements AsyncDisposable {
  /** The id of the last event. */
  lastEventId = "";
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(response: Response) {
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Opens a stream. */
  static async open(url: string, lastEventId?: string): Promise<EventStream> {
    const headers = new Headers({ accept: "text/event-stream" });
    if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new TypeError(await response.text());
    return new EventStream(response);
  }

  /** The next event's data; `null` when the stream has ended or broken. */
  async next(): Promise<Record<string, string> | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: "" }));
        if (done) return null;
        this.#text += value;
        continue;
      }
      const event = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const [, id, data] = /^id: (\S+)\ndata: (.*)$/.exec(event) ?? [];
      if (data === undefined) continue;
      this.lastEventId = id!;
      return JSON.parse(data);
    }
  }

  /** Reads until an event tells a value. */
  async until(id: string, value: string): Promise<void> {
    for (;;) {
      const event = await this.next();
      if (event === null) throw new TypeError(`The stream has ended before ${id}=${value}`);
      if (event.id === id && event.value === value) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }
}
