import { assert, assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { KvJobStore } from "../../queue/mod.ts";
import { FakeDisk, FakeKv } from "../queue/fake_kv.ts";
import { forEachSeed } from "./for_each_seed.ts";
import { QueueJudge } from "./queue_judge.ts";
import { QueueProgram, workOff } from "./queue_program.ts";

const OWNER_TIMEOUT_MS = 3000;
const HEARTBEAT_MS = 1000;

/** Programs work on one disk after another, each until it crashes. */
async function simulate(seed: number): Promise<{ judge: QueueJudge; disk: FakeDisk }> {
  using network = new SimulatedNetwork({ seed });
  const { random } = network;
  const disk = new FakeDisk();
  const judge = new QueueJudge();
  const host = network.host("10.0.0.1");
  const maxLoadedBytes = random.next() < 0.3 ? 3000 : undefined;

  async function open(isFaulty: boolean) {
    const errors: unknown[] = [];
    const loop = new EventLoop({
      poller: host.poller(),
      onError: (error) => void errors.push(error),
    });
    const fails = (part: number): boolean => isFaulty && random.next() < part;
    let isReady = false;
    const kv = new FakeKv(disk, {
      delay: () => loop.sleep(random.next() * 3),
      failRead: () => isReady && fails(0.01),
      failWrite: () => isReady && fails(0.02) ? (fails(0.5) ? "written" : "unwritten") : "no",
    });
    const store = await KvJobStore.open({
      kv,
      loop,
      maxLoadedBytes,
      heartbeatMs: HEARTBEAT_MS,
      ownerTimeoutMs: OWNER_TIMEOUT_MS,
      waitMs: 60_000,
      onError: () => {},
    });
    isReady = true;
    return { loop, store, errors };
  }

  for (let round = 0; round < 4; round++) {
    const { loop, store, errors } = await open(true);
    const program = new QueueProgram({ loop, store, random, judge });
    let failure: unknown;
    const running = program.run().catch((error) => void (failure = error));
    await network.advance(500 + random.next() * 3000);
    if (random.next() < 0.3) {
      disk.full = true;
      await network.advance(random.next() * 1500);
      disk.full = false;
      await network.advance(random.next() * 1500);
    }
    if (random.next() < 0.25) {
      program.stop();
      await running;
      await store[Symbol.asyncDispose]();
    }
    host.crash();
    judge.crashed();
    if (failure !== undefined) throw failure;
    assertEquals(errors, []);
  }
  const last = await open(false);
  await workOff({ ...last, random, judge });
  await network.advance(2000);
  await last.store[Symbol.asyncDispose]();
  assertEquals(last.errors, []);
  return { judge, disk };
}

Deno.test("KvJobStore keeps its word through crashes and failures of its disk", async () => {
  let jobs = 0;
  await forEachSeed({ count: 8 }, async (seed) => {
    const { judge, disk } = await simulate(seed);
    judge.conclude();
    jobs += judge.size;
    const left = disk.range(() => true).map(({ key }) => String(key[1]));
    assertEquals(left.filter((kind) => !["ceiling", "clock", "pause"].includes(kind)), []);
  });
  assert(jobs > 100);
});

Deno.test("KvJobStore runs the same again with the same seed", async () => {
  await forEachSeed({ count: 2 }, async (seed) => {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    assertEquals(first.judge.size, second.judge.size);
    assertEquals(first.disk.writes, second.disk.writes);
  });
});
