import { assert, assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { MessageError, Puller, Pusher, Replier, Requester } from "../../queue/mod.ts";
import { forEachSeed } from "./for_each_seed.ts";

const ALLOW = ["10.0.0.0/8"];
const HUB = { hostname: "10.0.0.1", port: 80 };
const DESK = { hostname: "10.0.0.1", port: 81 };
const CLIENTS = 4;
const CHAOS_MS = 60_000;

const decoder = new TextDecoder();

/** Text that is long now and then, so that it needs several frames and segments. */
function bodyOf(name: string, chance: number): string {
  return chance < 0.05 ? name.padEnd(150_000, ".") : name;
}

/** What came of all that was sent. */
class Record {
  readonly sent = new Set<string>();
  readonly pulled: string[] = [];
  answered = 0;
  lost = 0;
}

/** Pulls and answers at the hub, until its host crashes. */
async function serve(loop: EventLoop, record: Record): Promise<void> {
  const puller = new Puller({ loop, highWaterMark: 10 });
  await puller.bind({ ...HUB, allow: ALLOW });
  const replier = new Replier(async (message) => {
    await loop.sleep(loop.random.next() * 20);
    return message.toReversed();
  }, { loop });
  await replier.bind({ ...DESK, allow: ALLOW });
  for await (const message of puller) {
    record.pulled.push(decoder.decode(message).replace(/\.+$/, ""));
    if (loop.random.next() < 0.1) await loop.sleep(100);
  }
}

async function push(loop: EventLoop, name: string, record: Record): Promise<void> {
  const pusher = new Pusher({ loop });
  pusher.connect(HUB);
  for (let i = 0;; i++) {
    const text = `${name} ${i}`;
    record.sent.add(text);
    await pusher.push(bodyOf(text, loop.random.next()));
    await loop.sleep(loop.random.next() * 200);
  }
}

async function ask(loop: EventLoop, name: string, record: Record): Promise<void> {
  const requester = new Requester({ loop });
  requester.connect(DESK);
  for (let i = 0;; i++) {
    const text = bodyOf(`${name} ${i}`, loop.random.next());
    try {
      const answer = await requester.request(text, { timeoutMs: 2000 });
      assertEquals(decoder.decode(answer.toReversed()), text);
      record.answered++;
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      record.lost++;
    }
    await loop.sleep(loop.random.next() * 200);
  }
}

/** Runs clients against a hub that crashes, over a network that falls apart, and then behaves. */
async function simulate(seed: number): Promise<Record> {
  using network = new SimulatedNetwork({
    seed,
    faults: { loss: 0.05, maxDelayMs: 30, giveUpMs: 2000 },
  });
  const record = new Record();
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const hub = network.host(HUB.hostname);
  const start = (): void => void serve(new EventLoop({ poller: hub.poller() }), record).catch(fail);
  start();
  const hosts = Array.from({ length: CLIENTS }, (_, i) => network.host(`10.0.1.${i}`));
  for (const [i, host] of hosts.entries()) {
    const loop = new EventLoop({ poller: host.poller() });
    push(loop, `push ${i}`, record).catch(fail);
    ask(loop, `ask ${i}`, record).catch(fail);
  }
  const chaos = new EventLoop({ poller: network.host("10.9.9.9").poller() });
  const trouble = chaos.every(3000, () => {
    const victim = hosts[Math.floor(chaos.random.next() * CLIENTS)];
    const partition = network.partition([victim]);
    chaos.callLater(chaos.random.next() * 5000, () => partition.heal());
    if (chaos.random.next() > 0.3) return;
    hub.crash({ streams: chaos.random.next() < 0.5 ? "silent" : "reset" });
    start();
  });
  await network.advance(CHAOS_MS);
  trouble.cancel();

  // The longest wait for the next attempt is 30 s.
  await network.advance(45_000);
  for (let i = 0; i < CLIENTS; i++) {
    const before = record.pulled.filter((text) => text.startsWith(`push ${i}`)).length;
    await network.until(() =>
      record.pulled.filter((text) => text.startsWith(`push ${i}`)).length > before
    );
  }
  const { answered } = record;
  await network.until(() => record.answered > answered + CLIENTS);
  assertEquals(failures, []);
  return record;
}

Deno.test("Messages come once or not at all, unharmed, and flow again after faults", async () => {
  let lost = 0;
  await forEachSeed({ count: 5 }, async (seed) => {
    const record = await simulate(seed);
    lost += record.lost;
    assertEquals(new Set(record.pulled).size, record.pulled.length);
    for (const text of record.pulled) assert(record.sent.has(text), text);
  });
  assert(lost > 0);
});
