import { EventLoop } from "../../../loop/mod.ts";
import { ModstampClient, NoAnswerError, UnconfirmedError } from "../../../modstamp/mod.ts";
import { ChaosProgram } from "../chaos_program.ts";
import { killing, killingChild, pausing, udpFaults } from "../common_faults.ts";
import type { Fault, Scene, Stage, Verdict } from "../scene.ts";
import { UdpProxy } from "../udp_proxy.ts";
import { sleep, until } from "../uptime.ts";
import { ValueLedger } from "./value_ledger.ts";

const IDS = Array.from({ length: 6 }, (_, i) => `chaos${i}`);
const LISTENERS = 12;
/** Longer than a datagram can be on its way, so that none overtakes a later change. */
const GAP_MS = 700;
/** How long a worker may take to hear what another one has confirmed. */
const HEARSAY_MS = 1000;
const QUERY = { minQueryMs: 4000, maxQueryMs: 6000 };
/** How long it may take until all clients know what is stored, when no fault comes any more. */
const PATIENCE_MS = 60_000;

/** A modstamp server of several processes on a file; clients that change and that listen. */
export class ModstampScene implements Scene {
  readonly name = "modstamp";
  readonly programs: ChaosProgram[];
  readonly faults: Fault[] = [];
  readonly #stage: Stage;
  readonly #port: number;
  readonly #ledger = new ValueLedger();
  readonly #loop = new EventLoop({ onError: () => undefined });
  readonly #clients: ModstampClient[] = [];
  readonly #beliefs: Map<string, number>[] = [];
  readonly #stop = new AbortController();
  readonly #roles: Promise<void>[] = [];
  #heard = 0;
  #proxy: UdpProxy | null = null;

  /** @param stage What all scenes share. */
  constructor(stage: Stage) {
    this.#stage = stage;
    this.#port = stage.port();
    this.programs = [this.#server()];
  }

  /** Starts the server, a bad network before it, and clients. */
  async start(): Promise<void> {
    const [server] = this.programs;
    await server.start();
    this.#proxy = new UdpProxy(this.#port, this.#stage.random);
    this.faults.push(
      ...[killing(server), pausing(server), killingChild(server)],
      ...udpFaults(this.#proxy, "modstamp"),
    );
    for (const id of IDS) this.#roles.push(this.#write(id));
    for (let i = 0; i < LISTENERS; i++) {
      const belief = new Map<string, number>();
      this.#beliefs.push(belief);
      void this.#listen(belief);
    }
    this.#roles.push(this.#readNowAndThen());
  }

  describe(): string {
    const { confirmed, checked } = this.#ledger;
    return `changes ${confirmed} confirmed, ${this.#heard} heard, ${checked} values read`;
  }

  async conclude(): Promise<Verdict[]> {
    this.#stop.abort();
    await Promise.all(this.#roles);
    const stored = new Map<string, number>();
    const agree = (): boolean =>
      this.#beliefs.every((belief) => IDS.every((id) => belief.get(id) === stored.get(id)));
    const converged = await until(async () => {
      for (const id of IDS) {
        const value = await this.#read(id);
        if (value !== null) stored.set(id, value);
      }
      return stored.size === IDS.length && agree();
    }, PATIENCE_MS);
    const { complaints, confirmed, checked } = this.#ledger;
    return [
      {
        text:
          `what was read ${checked} times was the last of ${confirmed} confirmed changes, or newer`,
        holds: complaints.length === 0 && confirmed > 0 && checked > 0,
        evidence: complaints,
      },
      {
        text: `all of ${LISTENERS} listeners believe in the end what is stored`,
        holds: converged,
        evidence: [`stored ${format(stored)}`, ...this.#beliefs.map(format)],
      },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    await this.#loop[Symbol.asyncDispose]();
    this.#proxy?.[Symbol.dispose]();
  }

  #client(port: number): ModstampClient {
    const client = new ModstampClient({
      hostname: "127.0.0.1",
      port,
      loop: this.#loop,
      onError: () => undefined,
    });
    this.#clients.push(client);
    return client;
  }

  async #write(id: string): Promise<void> {
    const client = this.#client(this.#proxy!.port);
    while (!this.#stop.signal.aborted) {
      const number = this.#ledger.next(id);
      try {
        await client.send({ [id]: String(number) }, { timeoutMs: 3000 });
        this.#ledger.confirm(id, number);
      } catch (error) {
        if (!(error instanceof UnconfirmedError)) throw error;
        // What a paused server has in its buffers still counts when it goes on.
        await this.#stage.calm(this.name);
      }
      await sleep(GAP_MS + this.#stage.random.next() * GAP_MS);
    }
  }

  async #listen(belief: Map<string, number>): Promise<void> {
    const client = this.#client(this.#proxy!.port);
    const ids = Object.fromEntries(IDS.map((id) => [id, "none"]));
    for await (
      const { id, value } of client.listen(ids, {
        ...QUERY,
        onSilence: () => undefined,
      })
    ) {
      this.#heard++;
      belief.set(id, Number(value));
    }
  }

  async #readNowAndThen(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#read(IDS[Math.floor(this.#stage.random.next() * IDS.length)]);
      await sleep(500);
    }
  }

  /** Reads a value from the server itself and checks it; `null` when the server doesn't answer. */
  async #read(id: string): Promise<number | null> {
    const client = this.#reader ??= this.#client(this.#port);
    const least = this.#ledger.confirmedOf(id);
    await sleep(HEARSAY_MS);
    try {
      const values = await client.get([id], { timeoutMs: 2000 });
      const number = Number(values.get(id) ?? "");
      this.#ledger.check(id, { number, least, where: "read" });
      return number;
    } catch (error) {
      if (error instanceof NoAnswerError) return null;
      throw error;
    }
  }

  #reader: ModstampClient | null = null;

  #server(): ChaosProgram {
    return new ChaosProgram({
      name: "modstamp/server.ts",
      args: [
        ...["modstamp/server.ts", "--hostname", "127.0.0.1", "--port", String(this.#port)],
        ...["--store", `kv:${this.#stage.disk}/modstamp.db`, "--workers", "2"],
      ],
      ready: /^listening on /,
      env: this.#stage.env("modstamp"),
      logFile: `${this.#stage.folder}/modstamp_server.log`,
      mayEnd: () => this.#stage.isDiskFull(),
    });
  }
}

function format(values: ReadonlyMap<string, number>): string {
  return IDS.map((id) => values.get(id)).join(" ");
}
