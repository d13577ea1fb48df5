import { assertEquals, assertStringIncludes } from "@std/assert";
import { FrameKind } from "../../prefork/_frame.ts";
import type { WorkerEnd } from "../../prefork/mod.ts";
import { Simulation } from "./simulation.ts";

Deno.test("SupervisedWorker is killed when it doesn't boot in time", async () => {
  using simulation = new Simulation({ bootTimeoutMs: 3000 });
  simulation.spawner.behaviour = "ignores";
  void simulation.supervisor.start();
  await simulation.advance(2999);
  assertEquals(simulation.spawner.processes.length, 1);
  await simulation.advance(2);
  assertEquals(simulation.spawner.processes[0].signals, ["SIGKILL"]);
  assertStringIncludes(simulation.log.join("\n"), "Cannot boot as it did not boot in time");
});

Deno.test("SupervisedWorker is killed and replaced when it is silent", async () => {
  using simulation = new Simulation({ timeoutMs: 4000 });
  await simulation.start();
  await simulation.advance(10_000);
  const [hung] = simulation.spawner.processes;
  assertEquals(hung.signals, []);
  hung.answers = false;
  await simulation.advance(3900);
  assertEquals(hung.signals, []);
  await simulation.advance(1500);
  assertEquals(hung.signals, ["SIGKILL"]);
  assertEquals(simulation.inState("ready"), [1]);
  const { killed, crashed } = simulation.supervisor.status().counts;
  assertEquals([killed, crashed], [1, 1]);
  assertStringIncludes(simulation.log.join("\n"), "warning 1 Killed as it was silent for 4 s");
});

Deno.test("SupervisedWorker is asked often enough when the timeout is short", async () => {
  using simulation = new Simulation({ timeoutMs: 400 });
  await simulation.start();
  simulation.spawner.processes[0].answers = false;
  await simulation.advance(600);
  assertEquals(simulation.spawner.processes[0].signals, ["SIGKILL"]);
});

Deno.test("SupervisedWorker may be silent while it boots", async () => {
  using simulation = new Simulation({ timeoutMs: 400, bootTimeoutMs: 20_000 });
  simulation.spawner.behaviour = "ignores";
  const started = simulation.supervisor.start();
  await simulation.advance(1);
  const [busy] = simulation.spawner.processes;
  busy.answers = false;
  busy.say({ type: "hello" });
  await simulation.advance(10_000);
  assertEquals(busy.signals, []);
  busy.answers = true;
  busy.say({ type: "managed" }, { type: "ready" });
  await simulation.advance(1000);
  await started;
  assertEquals(simulation.inState("ready"), [1]);
});

Deno.test("SupervisedWorker goes in steps: drain, retire, end", async () => {
  using simulation = new Simulation({
    workers: 1,
    port: 0,
    hostname: "127.0.0.1",
    drainMs: 300,
  });
  await simulation.start();
  const [worker] = simulation.spawner.processes;
  worker.told.length = 0;
  void simulation.supervisor.drain();
  await simulation.advance(299);
  assertEquals(worker.told, ["drain"]);
  assertEquals(simulation.inState("draining"), [1]);
  await simulation.advance(2);
  assertEquals(worker.told, ["drain", "retire"]);
  assertEquals(simulation.inState("retiring"), [1]);
  await simulation.advance(10);
  assertEquals(worker.alive, false);
});

Deno.test("SupervisedWorker that runs a plain script has booted when it still runs", async () => {
  using simulation = new Simulation({ settleMs: 200 });
  simulation.spawner.behaviour = "plain";
  const started = simulation.supervisor.start();
  await simulation.advance(240);
  assertEquals(simulation.inState("booting"), [1]);
  await simulation.advance(20);
  await started;
  assertEquals(simulation.inState("ready"), [1]);
  void simulation.supervisor.drain();
  await simulation.advance(10);
  assertEquals(simulation.spawner.processes[0].signals, ["SIGTERM"]);
});

Deno.test("SupervisedWorker has not booted when its script ends by itself", async () => {
  using simulation = new Simulation();
  simulation.spawner.behaviour = "plain";
  const started = simulation.supervisor.start().catch((error) => error.message);
  await simulation.advance(60);
  simulation.spawner.processes[0].exit(0);
  await simulation.advance(1);
  assertStringIncludes(await started, "Cannot boot app.ts as it ended by itself");
});

Deno.test("SupervisedWorker that calls worker() after it was loaded says itself when it serves", async () => {
  using simulation = new Simulation({ settleMs: 200 });
  simulation.spawner.behaviour = "plain";
  void simulation.supervisor.start();
  await simulation.advance(100);
  simulation.spawner.last.say({ type: "managed" });
  await simulation.advance(1000);
  assertEquals(simulation.inState("booting"), [1]);
  simulation.spawner.last.say({ type: "ready" });
  assertEquals(simulation.inState("ready"), [1]);
});

Deno.test("SupervisedWorker is replaced when it has served its requests", async () => {
  using simulation = new Simulation({ maxRequests: 100 });
  await simulation.start();
  const [spent] = simulation.spawner.processes;
  spent.say({ type: "spent" });
  await simulation.advance(40);
  assertEquals([spent.told.includes("drain"), simulation.spawner.alive.length], [false, 2]);
  await simulation.advance(100);
  assertEquals(simulation.spawner.alive, [simulation.spawner.last]);
  assertEquals(simulation.supervisor.status().counts.crashed, 0);
});

Deno.test("SupervisedWorker is replaced when it uses too much memory, until that succeeds", async () => {
  using simulation = new Simulation({ maxMemoryBytes: 2 ** 28, jitter: 0 });
  await simulation.start();
  const [big] = simulation.spawner.processes;
  simulation.spawner.behaviour = "ignores";
  big.vitals.rssBytes = 2 ** 28;
  await simulation.advance(1100);
  assertStringIncludes(simulation.log.at(-1)!, "Replacing as it uses 256 MiB");
  simulation.spawner.last.exit(1);
  simulation.spawner.behaviour = "serves";
  await simulation.advance(1000);
  assertEquals(simulation.spawner.alive, [simulation.spawner.last]);
  assertEquals(big.signals, []);
});

Deno.test("SupervisedWorker is killed when it breaks the rules of the channel", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  const [one, other] = simulation.spawner.processes;
  one.babble();
  other.frame(FrameKind.control, new TextEncoder().encode('{"type":"pong"}'));
  await simulation.advance(100);
  assertEquals([one.signals, other.signals], [["SIGKILL"], ["SIGKILL"]]);
  assertEquals(simulation.inState("ready"), [1, 2]);
});

Deno.test("Supervisor calls its hooks, and logs what they throw", async () => {
  const calls: string[] = [];
  using simulation = new Simulation({
    hooks: {
      beforeSpawn: ({ id }) => ({ SHARD: `shard-${id}` }),
      afterSpawn: ({ id, pid }) => void calls.push(`spawn ${id} ${pid}`),
      workerReady: ({ id, pid }) => {
        calls.push(`ready ${id} ${pid}`);
        throw new TypeError("not so fast");
      },
      workerExit: (end: WorkerEnd) => {
        calls.push(`exit ${end.id} ${end.pid} ${end.code} ${end.signal} ${end.expected}`);
        return Promise.reject(new TypeError("never mind"));
      },
    },
  });
  await simulation.start();
  assertEquals(simulation.spawner.processes[0].command.env.SHARD, "shard-1");
  simulation.spawner.processes[0].exit(7);
  await simulation.advance(100);
  void simulation.supervisor.drain();
  await simulation.advance(100);
  assertEquals(calls, [
    "spawn 1 100",
    "ready 1 100",
    "exit 1 100 7 null false",
    "spawn 1 101",
    "ready 1 101",
    "exit 1 101 0 null true",
  ]);
  const log = simulation.log.join("\n");
  assertStringIncludes(log, "error - Hook workerReady failed: not so fast");
  assertStringIncludes(log, "error - Hook workerExit failed: never mind");
});

Deno.test("Supervisor doesn't start a worker when beforeSpawn throws", async () => {
  using simulation = new Simulation({
    hooks: {
      beforeSpawn: () => {
        throw new TypeError("not today");
      },
    },
    maxBootFailures: 1,
  });
  const started = simulation.supervisor.start().catch((error) => error.message);
  await simulation.advance(10);
  assertStringIncludes(await started, "it can't be started: not today");
  assertEquals(simulation.spawner.processes, []);
});

Deno.test("Supervisor passes bytes between its program and the workers'", async () => {
  const heard: string[] = [];
  using simulation = new Simulation({
    workers: 2,
    onMessage: (bytes, worker) => void heard.push(`${worker.id} ${bytes}`),
  });
  await simulation.start();
  simulation.spawner.processes[1].frame(FrameKind.message, Uint8Array.of(1, 2));
  assertEquals(heard, ["2 1,2"]);
  assertEquals(simulation.supervisor.workers.map((worker) => worker.send(Uint8Array.of(3))), [
    true,
    true,
  ]);
  assertEquals(
    simulation.spawner.processes.map(({ frames }) => frames.map(({ bytes }) => [...bytes])),
    [[[3]], [[3]]],
  );
});

Deno.test("Supervisor.status() tells of each worker", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  simulation.spawner.processes[0].vitals = { rssBytes: 5, requests: 9 };
  await simulation.advance(2000);
  const { workers, size, share, zeroLoss, crashLooping, counts } = simulation.supervisor.status();
  assertEquals(workers[0], {
    id: 1,
    pid: 100,
    state: "ready",
    uptimeMs: 2100,
    rssBytes: 5,
    requests: 9,
  });
  assertEquals([workers.length, size, share, zeroLoss, crashLooping], [2, 2, "none", true, false]);
  assertEquals(counts.spawned, 2);
});
