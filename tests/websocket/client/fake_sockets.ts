import { ReconnectingClient, type ReconnectingClientOptions } from "../../../websocket/client.ts";

/** A socket that does what a test wants. */
export class FakeSocket {
  readonly url: string;
  readonly protocols: string[];
  /** What was sent on it. */
  readonly sent: unknown[] = [];
  protocol = "";
  binaryType = "blob";
  /** What it was closed with. */
  closedWith: [code?: number, reason?: string] | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;

  constructor(url: string | URL, protocols: string[] = []) {
    this.url = String(url);
    this.protocols = protocols;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    this.closedWith = [code, reason];
    this.lose(code ?? 1006);
  }

  /** The server has accepted. */
  open(protocol = "sluice.topics"): void {
    this.protocol = protocol;
    this.onopen?.();
  }

  /** The server has said something. */
  hear(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** The connection is gone. */
  lose(code = 1006): void {
    this.onclose?.({ code, reason: "", wasClean: code !== 1006 });
  }
}

/** A client whose sockets, time and chance are in the hands of a test. */
export class ClientScene {
  readonly sockets: FakeSocket[] = [];
  readonly client: ReconnectingClient;
  /** What the client told, a line each. */
  readonly lines: string[] = [];
  /** The time in milliseconds. */
  now = 0;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #lastTimer = 0;

  constructor(options: ReconnectingClientOptions = {}) {
    const { sockets } = this;
    class Recorded extends FakeSocket {
      constructor(url: string | URL, protocols?: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    this.client = new ReconnectingClient("wss://server.example/", {
      WebSocket: Recorded as unknown as ReconnectingClientOptions["WebSocket"],
      setTimeout: (callback, delayMs) => {
        this.#timers.set(++this.#lastTimer, { at: this.now + delayMs, callback });
        return this.#lastTimer;
      },
      clearTimeout: (timer) => void this.#timers.delete(timer!),
      random: () => 1,
      now: () => this.now,
      ...options,
    });
    const { client, lines } = this;
    client.addEventListener("open", () => lines.push("open"));
    client.addEventListener("message", ({ data }) => lines.push(`message ${data}`));
    client.addEventListener("gap", ({ topic }) => lines.push(`gap ${topic}`));
    client.addEventListener(
      "refused",
      (event) => lines.push(`refused ${event.topic} ${event.reason}`),
    );
    client.addEventListener(
      "close",
      (event) => lines.push(`close ${event.code} ${event.willReconnect ? "again" : "for good"}`),
    );
  }

  /** The socket made last. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** How many timers are armed. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.now = due[1].at;
      due[1].callback();
    }
    this.now = end;
  }
}
