import { assertEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { resolveLimits } from "../../prefork/_settings.ts";
import { SupervisedWorker, type WorkerObserver } from "../../prefork/_supervised_worker.ts";
import type { LimitOptions, Share } from "../../prefork/mod.ts";
import type { Steering } from "../../prefork/steering.ts";
import { type FakeProcess, FakeSpawner } from "./fake_spawner.ts";

/** Writes down what it is asked. */
class RecordingSteering implements Steering {
  readonly works = true;
  readonly asked: string[] = [];
  disbanded = false;
  waiting = 0;
  kept = 0;

  away(pid: number): void {
    this.asked.push(`away ${pid}`);
  }

  back(pid: number): void {
    this.asked.push(`back ${pid}`);
  }

  depart(pid: number, begin: () => void): void {
    this.away(pid);
    begin();
  }

  departed(): boolean {
    return true;
  }

  disband(): void {}

  refresh(): void {}

  changed(pid: number): void {
    this.asked.push(`changed ${pid}`);
  }

  probe(): string | null {
    return null;
  }

  backlog(): number {
    return this.waiting;
  }

  hasConnections(): boolean {
    return this.kept > 0;
  }

  [Symbol.dispose](): void {}
}

const idle: WorkerObserver = {
  onReady() {},
  onExit() {},
  onSpent() {},
  onMessage() {},
  onPublish() {},
  onTopic() {},
  onLine() {},
  onWarning() {},
};

interface Stage {
  network: SimulatedNetwork;
  worker: SupervisedWorker;
  process: FakeProcess;
  steering: RecordingSteering;
}

async function stage(
  limits: LimitOptions,
  observer: Partial<WorkerObserver> = {},
  share: Share = "reuseport",
): Promise<Stage> {
  const network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const spawner = new FakeSpawner(loop);
  const steering = new RecordingSteering();
  const worker = new SupervisedWorker({
    id: 1,
    loop,
    limits: resolveLimits(limits),
    steering,
    spawner,
    command: { file: "deno", args: [], env: {} },
    config: {
      id: 1,
      supervisorPid: 1,
      kind: "auto",
      title: "",
      share,
      hostname: "::",
      port: 80,
      listenFd: -1,
      maxRequests: 0,
    },
    observer: { ...idle, ...observer },
  });
  await network.advance(100);
  return { network, worker, process: spawner.last, steering };
}

Deno.test("SupervisedWorker.retire() steers connections away before it drains", async () => {
  const { network, worker, steering } = await stage({ drainMs: 250 });
  using _network = network;
  worker.retire();
  worker.retire();
  assertEquals(steering.asked, ["changed 100", "away 100"]);
  await network.advance(1000);
  assertEquals(steering.asked, ["changed 100", "away 100", "changed 100"]);
});

Deno.test("SupervisedWorker.retire() waits until no connection waits to be accepted", async () => {
  const { network, worker, process, steering } = await stage({ drainMs: 100 });
  using _network = network;
  steering.waiting = 3;
  worker.retire();
  await network.advance(5000);
  assertEquals(process.told.includes("retire"), false);
  steering.waiting = 0;
  await network.advance(30);
  assertEquals(process.told.includes("retire"), true);
});

Deno.test("SupervisedWorker.retire() does not wait forever for connections to be accepted", async () => {
  const { network, worker, process, steering } = await stage({ gracefulTimeoutMs: 1000 });
  using _network = network;
  steering.waiting = 3;
  worker.retire();
  await network.advance(1500);
  assertEquals(process.told.includes("retire"), true);
});

Deno.test("SupervisedWorker.retire() waits for kept-alive connections to end", async () => {
  const { network, worker, process, steering } = await stage({ drainMs: 100, lingerMs: 4000 });
  using _network = network;
  process.say({ type: "ready", http: true });
  steering.kept = 2;
  worker.retire();
  await network.advance(3000);
  assertEquals(process.told.includes("retire"), false);
  steering.kept = 0;
  await network.advance(110);
  assertEquals(process.told.includes("retire"), true);
});

Deno.test("SupervisedWorker.retire() waits for idle connections only so long", async () => {
  const { network, worker, process, steering } = await stage({ drainMs: 100, lingerMs: 4000 });
  using _network = network;
  process.say({ type: "ready", http: true });
  steering.kept = 2;
  worker.retire();
  await network.advance(4200);
  assertEquals(process.told.includes("retire"), true);
});

Deno.test("SupervisedWorker.retire() waits for no connection when all leave, or none is HTTP", async () => {
  for (const http of [true, false]) {
    const { network, worker, process, steering } = await stage({ drainMs: 100 });
    using _network = network;
    process.say({ type: "ready", http });
    steering.kept = 2;
    steering.disbanded = http;
    worker.retire();
    await network.advance(110);
    assertEquals(process.told.includes("retire"), true);
  }
});

Deno.test("SupervisedWorker.retire() hears of a worker that accepts from a shared socket", async () => {
  const stageOf = { drainMs: 100, lingerMs: 4000 };
  const { network, worker, process } = await stage(stageOf, {}, "inherit");
  using _network = network;
  process.say({ type: "ready", http: true });
  worker.retire();
  await network.advance(3000);
  assertEquals(process.told.includes("retire"), false);
  process.say({ type: "drained" });
  await network.advance(110);
  assertEquals(process.told.includes("retire"), true);
});

Deno.test("SupervisedWorker gets no connections while it is silent, and some when it comes to", async () => {
  const warnings: string[] = [];
  const { network, process, steering } = await stage({ timeoutMs: 8000 }, {
    onWarning: (_, message) => void warnings.push(message),
  });
  using _network = network;
  process.answers = false;
  await network.advance(4000);
  assertEquals(steering.asked, ["changed 100"]);
  await network.advance(2000);
  assertEquals(steering.asked, ["changed 100", "away 100"]);
  process.answers = true;
  await network.advance(1000);
  assertEquals(steering.asked, ["changed 100", "away 100", "back 100"]);
  assertEquals(warnings, ["silent for 4 s"]);
  assertEquals(process.signals, []);
});

Deno.test("SupervisedWorker holds back what Deno prints when the program can't be loaded", async () => {
  const printed: string[] = [];
  const { network, process } = await stage({}, {
    onLine: (_, __, line) => void printed.push(line),
  });
  using _network = network;
  process.print("error: serving");
  assertEquals(printed, ["error: serving"]);
});

for (const last of [{ type: "failed", reason: "no" }, { type: "done" }] as const) {
  Deno.test(`SupervisedWorker is told to stop only when it was heard: ${last.type}`, async () => {
    const { network, process } = await stage({});
    using _network = network;
    assertEquals(process.told.includes("stop"), false);
    process.say(last);
    assertEquals(process.told.at(-1), "stop");
  });
}

Deno.test("SupervisedWorker.kill() tells the first reason", async () => {
  const { network, worker } = await stage({});
  using _network = network;
  worker.kill("it annoys");
  worker.kill("it is late");
  await network.advance(1);
  assertEquals([worker.killReason, worker.state], ["it annoys", "exited"]);
});
