import { fileURLToPath } from "node:url";
import { ChaosProgram } from "../chaos_program.ts";
import { killing, pausing, tcpFaults } from "../common_faults.ts";
import type { Fault, Scene, Stage, Verdict } from "../scene.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { ValueLedger } from "./value_ledger.ts";
import { Visitor } from "./visitor.ts";

const APP = fileURLToPath(new URL("./websocket_app.ts", import.meta.url));
const VISITORS = 8;

/** A WebSocket server whose sessions are in a file, and visitors that come back. */
export class WebSocketScene implements Scene {
  readonly name = "websocket";
  readonly programs: ChaosProgram[];
  readonly faults: Fault[] = [];
  readonly #stage: Stage;
  readonly #port: number;
  readonly #ledger = new ValueLedger();
  readonly #complaints: string[] = [];
  readonly #stop = new AbortController();
  #visitors: Promise<void>[] = [];
  #said = 0;
  #proxy: TcpProxy | null = null;

  /** @param stage What all scenes share. */
  constructor(stage: Stage) {
    this.#stage = stage;
    this.#port = stage.port();
    this.programs = [this.#server()];
  }

  /** Starts the server, a bad network before it, and visitors on both sides of it. */
  async start(): Promise<void> {
    const [server] = this.programs;
    await server.start();
    this.#proxy = await TcpProxy.start(this.#port);
    this.faults.push(killing(server), pausing(server), ...tcpFaults(this.#proxy, "websocket"));
    this.#visitors = Array.from({ length: VISITORS }, (_, i) =>
      new Visitor({
        name: `visitor${i}`,
        port: i % 2 === 0 ? this.#port : this.#proxy!.port,
        ledger: this.#ledger,
        random: this.#stage.random,
        signal: this.#stop.signal,
        onSaid: () => void this.#said++,
        complain: (text) => void this.#complaints.push(text),
      }).run());
  }

  describe(): string {
    const { confirmed, checked } = this.#ledger;
    return `sessions ${confirmed} saved, ${checked} read, ${this.#said} messages heard`;
  }

  async conclude(): Promise<Verdict[]> {
    this.#stop.abort();
    await Promise.all(this.#visitors);
    const { complaints, confirmed, checked } = this.#ledger;
    return [
      {
        text:
          `what ${checked} visits found in their sessions was the last of ${confirmed} saves, ` +
          "or newer",
        holds: complaints.length === 0 && confirmed > 0 && checked > VISITORS,
        evidence: complaints,
      },
      {
        text: `open connections missed none of ${this.#said} messages`,
        holds: this.#complaints.length === 0 && this.#said > 0,
        evidence: this.#complaints.slice(0, 5),
      },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#proxy?.[Symbol.asyncDispose]();
  }

  #server(): ChaosProgram {
    return new ChaosProgram({
      name: "websocket/listen.ts",
      args: [
        ...["websocket/listen.ts", APP, "-p", String(this.#port), "-i", "127.0.0.1"],
        ...["--session-store", `kv:${this.#stage.disk}/sessions.db`],
      ],
      ready: /^listening on /,
      env: this.#stage.env("websocket"),
      logFile: `${this.#stage.folder}/websocket_listen.log`,
      mayEnd: () => this.#stage.isDiskFull(),
    });
  }
}
