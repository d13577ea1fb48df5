import { assert, assertEquals } from "@std/assert";
import { EventLoop, type SimulatedHost, SimulatedNetwork } from "../../../loop/mod.ts";
import {
  decodeMessages,
  ModstampClient,
  ModstampServer,
  SecurityProfile,
  UnconfirmedError,
} from "../../../modstamp/mod.ts";
import { Disk, DiskStore } from "./disk_store.ts";
import { History } from "./history.ts";
import { SimulatedListener } from "./listener.ts";

const SERVER = "10.0.0.1";
const IDS = ["a", "b", "c"];
const NATS = 20;
const CLIENTS_PER_NAT = 5;
const SENDERS = 4;
const FAULTS_MS = 60_000;
/** Within this time after the last change every client has queried again. */
const CONVERGED_MS = 90_000;

const KEYS = { office: "0f".repeat(32), guest: "a0".repeat(32) };
const OFFICE = { encryption: "aes-256-gcm", permission: "rw", id: "office", key: KEYS.office };
const GUEST = { encryption: "aes-256-gcm", permission: "ro", id: "guest", key: KEYS.guest };
const PROFILE = SecurityProfile.from([
  OFFICE,
  GUEST,
  { encryption: "plain", permission: "rw", hosts: ["10.1.0.0/16"] },
  { encryption: "plain", permission: "ro" },
]);

/** What a run has shown. */
export interface Outcome {
  /** How long after the last change each client believed what is stored, in milliseconds. */
  convergedMs: number[];
  /** Two equal runs have equal digests. */
  digest: string;
  /** Attempts to change something, and those confirmed. */
  attempted: number;
  confirmed: number;
}

/**
 * A hundred clients behind address translators listen, several others change,
 * on a network and a disk that fail, and the server crashes. Then all is well
 * again.
 */
export class Scenario implements Disposable {
  readonly #network: SimulatedNetwork;
  readonly #disk = new Disk();
  readonly #history = new History(IDS);
  readonly #listeners: SimulatedListener[] = [];
  #failure: unknown = null;

  constructor(seed: number) {
    this.#network = new SimulatedNetwork({
      seed,
      faults: { loss: 0.3, duplicate: 0.1, reorder: 0.2, maxDelayMs: 60, maxReorderMs: 100 },
    });
  }

  /** Runs it and checks that nobody was told anything wrong. */
  async run(): Promise<Outcome> {
    const network = this.#network;
    this.#disk.failure = 0.1;
    await this.#serve();
    for (let i = 0; i < NATS; i++) this.#populate(i);
    const senders = Array.from({ length: SENDERS }, (_, i) => this.#send(i));
    await this.#crashLater();
    await network.advance(FAULTS_MS - network.now);
    this.#cease();
    await Promise.all(senders);
    const lastMs = network.now;
    const read = (id: string): string => this.#disk.read(id);
    const agree = (): boolean => this.#listeners.every((listener) => listener.agrees(read));
    await network.until(() => this.#failure !== null || agree(), { timeoutMs: CONVERGED_MS });
    const convergedMs = this.#listeners.map(({ changedAtMs }) => Math.max(0, changedAtMs - lastMs));
    await network.advance(CONVERGED_MS);
    this.#check(agree());
    return { convergedMs, digest: network.digest(), ...this.#history.counts };
  }

  [Symbol.dispose](): void {
    this.#network.close();
  }

  #check(agreed: boolean): void {
    if (this.#failure !== null) throw this.#failure;
    for (const { failure } of this.#listeners) if (failure !== null) throw failure;
    assert(agreed, "all clients still believe what is stored");
    for (const id of IDS) this.#history.checkStored(id, this.#disk.read(id));
    assert(this.#history.counts.confirmed > IDS.length, "something was confirmed");
  }

  async #serve(): Promise<void> {
    const { random } = this.#network;
    const loop = new EventLoop({ poller: this.#network.host(SERVER).poller() });
    const store = new DiskStore(this.#disk, { loop, random });
    const bind = loop.bindDatagram.bind(loop);
    loop.bindDatagram = async (options) => {
      const socket = await bind(options);
      const send = socket.send.bind(socket);
      socket.send = (peer, packet) => {
        this.#checkReply(packet, store);
        return send(peer, packet);
      };
      return socket;
    };
    // A commit that fails is reported; that is no failure of the run.
    await ModstampServer.listen({ loop, store, profile: PROFILE, onError() {} });
  }

  /** Plain confirmations are for what is stored, or was replaced in the same commit. */
  #checkReply(packet: Uint8Array, { committed }: DiskStore): void {
    const decoded = decodeMessages(packet.subarray(1));
    if (packet[0] !== 0 || !decoded.ok) return;
    for (const { kind, id, value } of decoded.messages) {
      const text = new TextDecoder().decode(value);
      if (kind !== "confirm" || committed.has(id) || this.#disk.read(id) === text) continue;
      this.#failure ??= new TypeError(`${id}=${text} is confirmed, but not stored`);
    }
  }

  #populate(number: number): void {
    const { random } = this.#network;
    const nat = this.#network.nat(`203.0.113.${number}`, {
      idleMs: number % 2 === 0 ? 30_000 : 120_000,
      filtering: number % 3 === 0 ? "address" : "port",
      rebind: 0.1,
    });
    for (let i = 0; i < CLIENTS_PER_NAT; i++) {
      const host = nat.host(`192.168.0.${i + 2}`);
      host.clockOffsetMs = (random.next() - 0.5) * 4000;
      const client = this.#client(host, i % 2 === 0 ? [GUEST] : null);
      this.#listeners.push(
        new SimulatedListener(client, {
          ids: IDS.slice(i % IDS.length),
          history: this.#history,
          now: () => this.#network.now,
        }),
      );
    }
  }

  #client(host: SimulatedHost, profile: unknown[] | null): ModstampClient {
    return new ModstampClient({
      hostname: SERVER,
      loop: new EventLoop({ poller: host.poller() }),
      profile: profile === null ? undefined : SecurityProfile.from(profile),
    });
  }

  async #send(number: number): Promise<void> {
    const { random } = this.#network;
    const host = this.#network.host(`10.1.0.${number + 1}`);
    host.clockOffsetMs = (random.next() - 0.5) * 4000;
    const client = this.#client(host, number % 2 === 0 ? [OFFICE] : null);
    for (let count = 0;; count++) {
      await this.#network.advance(500 + random.next() * 5000);
      if (this.#network.now >= FAULTS_MS) return;
      const id = IDS[Math.floor(random.next() * IDS.length)]!;
      const value = random.next() < 0.1 ? "" : `${number}.${count}`;
      const attempt = this.#history.begin(id, value, this.#network.now);
      try {
        await client.send({ [id]: value }, { timeoutMs: 2000 });
        attempt.confirmed = true;
      } catch (error) {
        if (!(error instanceof UnconfirmedError)) throw error;
      }
      attempt.endMs = this.#network.now;
    }
  }

  async #crashLater(): Promise<void> {
    const { random } = this.#network;
    await this.#network.advance(10_000 + random.next() * 10_000);
    const nat = this.#network.nat(`203.0.113.${Math.floor(random.next() * NATS)}`);
    const partition = this.#network.partition([nat.host("192.168.0.2"), nat.host("192.168.0.3")]);
    await this.#network.advance(random.next() * 10_000);
    this.#network.host(SERVER).crash();
    await this.#network.advance(100 + random.next() * 10_000);
    await this.#serve();
    await this.#network.advance(random.next() * 5000);
    partition.heal();
  }

  #cease(): void {
    this.#disk.failure = 0;
    this.#network.setFaults({ loss: 0, duplicate: 0, reorder: 0 });
    for (let i = 0; i < NATS; i++) this.#network.nat(`203.0.113.${i}`, { rebind: 0 });
  }
}

/** Runs the scenario with a seed. */
export async function runScenario(seed: number): Promise<Outcome> {
  using scenario = new Scenario(seed);
  const outcome = await scenario.run();
  assertEquals(outcome.convergedMs.length, NATS * CLIENTS_PER_NAT);
  return outcome;
}
