import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BootError } from "../../prefork/mod.ts";
import { Simulation } from "./simulation.ts";

Deno.test("Supervisor.start() resolves once all workers have booted", async () => {
  using simulation = new Simulation({ workers: 3 });
  let started = false;
  const starting = simulation.supervisor.start().then(() => started = true);
  await simulation.advance(49);
  assertEquals([started, simulation.inState("booting")], [false, [1, 2, 3]]);
  await simulation.advance(2);
  await starting;
  assertEquals(simulation.inState("ready"), [1, 2, 3]);
});

Deno.test("Supervisor replaces a worker that dies, at once", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  await simulation.advance(5000);
  simulation.spawner.processes[0].exit(null, "SIGKILL");
  await simulation.advance(51);
  assertEquals(simulation.inState("ready"), [1, 2]);
  assertEquals(simulation.supervisor.status().counts.crashed, 1);
  assertStringIncludes(simulation.log.join("\n"), "warning 1 Died as it was ended by SIGKILL");
});

Deno.test("Supervisor waits longer each time when a worker keeps dying", async () => {
  using simulation = new Simulation({ workers: 1, maxBackoffMs: 3000 });
  await simulation.start();
  const births: number[] = [];
  let known = simulation.spawner.processes.length;
  for (let ms = 0; ms < 60_000; ms += 50) {
    await simulation.advance(50);
    for (const process of simulation.spawner.alive) process.exit(1);
    if (simulation.spawner.processes.length > known) births.push(ms);
    known = simulation.spawner.processes.length;
  }
  const pauses = births.slice(1).map((at, i) => at - births[i]);
  assert(pauses[0] <= 200, `${pauses}`);
  assert(pauses.every((pause) => pause <= 3100), `${pauses}`);
  assert(pauses.slice(-5).every((pause) => pause >= 1500), `${pauses}`);
  assert(simulation.supervisor.status().crashLooping);
  assertStringIncludes(simulation.log.join("\n"), "error 1 Crash loop: died 5 times in a row");
});

Deno.test("Supervisor forgets early deaths when a worker lives", async () => {
  using simulation = new Simulation({ workers: 1 });
  await simulation.start();
  for (let i = 0; i < 4; i++) {
    simulation.spawner.last.exit(1);
    await simulation.advance(1000);
  }
  await simulation.advance(10_000);
  simulation.spawner.last.exit(1);
  const { length } = simulation.spawner.processes;
  await simulation.advance(1);
  assertEquals(simulation.spawner.processes.length, length + 1);
});

Deno.test("Supervisor.start() gives up when no worker ever boots, and tells what was printed", async () => {
  using simulation = new Simulation({ workers: 2 });
  simulation.spawner.behaviour = "ignores";
  const started = assertRejects(() => simulation.supervisor.start(), BootError);
  for (let i = 0; i < 40; i++) {
    await simulation.advance(500);
    for (const process of simulation.spawner.alive) {
      process.print("disk on fire");
      process.exit(3);
    }
  }
  const error = await started;
  assertEquals(
    error.message,
    "Cannot boot app.ts as it died 5 times in a row: it exited with code 3",
  );
  assertEquals(error.output, ["disk on fire"]);
  assertEquals(simulation.spawner.alive, []);
});

Deno.test("Supervisor.start() gives up at once when the program itself is wrong", async () => {
  using simulation = new Simulation({ workers: 2 });
  simulation.spawner.behaviour = "ignores";
  const started = assertRejects(() => simulation.supervisor.start(), BootError);
  await simulation.advance(1);
  simulation.spawner.processes[0].say({ type: "failed", reason: "port 80 is taken" });
  simulation.spawner.processes[0].exit(1);
  await simulation.advance(1);
  assertEquals((await started).message, "Cannot boot app.ts as port 80 is taken");
  assertEquals(simulation.spawner.alive, []);
});

Deno.test("Supervisor.start() serves with those that boot, and tries the others again", async () => {
  using simulation = new Simulation({ workers: 2 });
  simulation.spawner.behaviour = "boots only when told";
  const started = simulation.supervisor.start();
  await simulation.advance(1);
  simulation.spawner.processes[0].boot();
  simulation.spawner.processes[1].exit(1);
  simulation.spawner.behaviour = "serves";
  await simulation.advance(1);
  await started;
  assertEquals(simulation.inState("ready"), [1]);
  await simulation.advance(100);
  assertEquals(simulation.inState("ready"), [1, 2]);
});

Deno.test("Supervisor counts a process that can't be started as a failed boot", async () => {
  using simulation = new Simulation({ workers: 1, maxBootFailures: 2 });
  simulation.spawner.fault = new TypeError("no memory");
  const started = assertRejects(() => simulation.supervisor.start(), BootError, "no memory");
  await simulation.advance(10_000);
  await started;
});

Deno.test("Supervisor.scale() adds workers, and lets those with the highest numbers go", async () => {
  using simulation = new Simulation({ workers: 1 });
  await simulation.start();
  simulation.supervisor.scale(3);
  await simulation.advance(100);
  assertEquals(simulation.inState("ready"), [1, 2, 3]);
  simulation.supervisor.scale(1);
  await simulation.advance(100);
  assertEquals(simulation.inState("ready"), [1]);
  assertEquals(simulation.spawner.alive.length, 1);
  assertEquals(simulation.spawner.processes[2].told.slice(-2), ["drain", "retire"]);
});

Deno.test("Supervisor.reload() has each new worker serve before the old one goes", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  const [first, second] = simulation.spawner.processes;
  const reloading = simulation.supervisor.reload();
  await simulation.advance(40);
  assertEquals([first.told.includes("drain"), second.told.includes("drain")], [false, false]);
  await simulation.advance(40);
  assertEquals([first.told.includes("drain"), second.told.includes("drain")], [true, false]);
  await simulation.advance(1000);
  assertEquals(await reloading, { replaced: 2, failure: null });
  assertEquals([first.alive, second.alive], [false, false]);
  assertEquals(simulation.inState("ready").length, 2);
  assertEquals(simulation.supervisor.status().counts.reloads, 1);
});

Deno.test("Supervisor.reload() leaves the old workers when the new program doesn't boot", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  simulation.spawner.behaviour = "ignores";
  const reloading = simulation.supervisor.reload();
  await simulation.advance(20);
  simulation.spawner.last.print("error: SyntaxError: Expression expected");
  simulation.spawner.last.print("    at file:///srv/app.ts:1:11");
  simulation.spawner.last.exit(1);
  await simulation.advance(5000);
  const { replaced, failure } = await reloading;
  assertEquals(replaced, 0);
  assertEquals(failure?.reason, "SyntaxError: Expression expected at file:///srv/app.ts:1:11");
  assertEquals(simulation.inState("ready"), [1, 2]);
  assertEquals(simulation.spawner.processes.length, 3);
  assertEquals(simulation.supervisor.status().counts.failedReloads, 1);
  assertStringIncludes(simulation.log.at(-1)!, "2 of 2 workers serve on with the old program");
});

Deno.test("Supervisor.reload() runs once more when it is asked for meanwhile", async () => {
  using simulation = new Simulation({ workers: 1 });
  await simulation.start();
  const reloads = [1, 2, 3].map(() => simulation.supervisor.reload());
  await simulation.advance(5000);
  assertEquals((await Promise.all(reloads)).map(({ replaced }) => replaced), [1, 1, 1]);
  assertEquals(simulation.spawner.processes.length, 3);
});

Deno.test("Supervisor.reload() doesn't let workers pile up that take long to go", async () => {
  using simulation = new Simulation({ workers: 1, gracefulTimeoutMs: 5000 });
  await simulation.start();
  simulation.spawner.last.finishMs = 100_000;
  void simulation.supervisor.reload();
  await simulation.advance(1000);
  void simulation.supervisor.reload();
  await simulation.advance(1000);
  assertEquals(simulation.spawner.alive.length, 2);
  await simulation.advance(5000);
  assertEquals(simulation.spawner.processes[0].signals, ["SIGKILL"]);
  assertEquals(simulation.spawner.processes.length, 3);
});

Deno.test("Supervisor.reload() starts dropped workers again", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  simulation.supervisor.scale(0);
  await simulation.advance(1000);
  assertEquals(simulation.spawner.alive, []);
  const reloading = simulation.supervisor.reload();
  await simulation.advance(1000);
  await reloading;
  assertEquals(simulation.inState("ready"), [1, 2]);
});

Deno.test("Supervisor.drain() lets workers finish, and kills those that take too long", async () => {
  using simulation = new Simulation({ workers: 2, gracefulTimeoutMs: 3000 });
  await simulation.start();
  const [quick, slow] = simulation.spawner.processes;
  slow.finishMs = 100_000;
  const draining = simulation.supervisor.drain();
  await simulation.advance(2000);
  assertEquals([quick.alive, slow.alive], [false, true]);
  await simulation.advance(2000);
  await draining;
  assertEquals([slow.signals, quick.signals], [["SIGKILL"], []]);
});

Deno.test("Supervisor.close() ends workers at once, and kills those that don't", async () => {
  using simulation = new Simulation({ workers: 2 });
  await simulation.start();
  const [obedient, deaf] = simulation.spawner.processes;
  deaf.answers = false;
  const closing = simulation.supervisor.close();
  await simulation.advance(1);
  assertEquals([obedient.alive, deaf.alive], [false, true]);
  await simulation.advance(2500);
  await closing;
  assertEquals(deaf.signals, ["SIGKILL"]);
});

Deno.test("Supervisor.close() hurries a graceful stop", async () => {
  using simulation = new Simulation({ workers: 1 });
  await simulation.start();
  simulation.spawner.last.finishMs = 20_000;
  const draining = simulation.supervisor.drain();
  await simulation.advance(1000);
  const closing = simulation.supervisor.close();
  await simulation.advance(10);
  await Promise.all([draining, closing]);
  assertEquals(simulation.spawner.alive, []);
});

Deno.test("Supervisor.drain() ends a start that is under way", async () => {
  using simulation = new Simulation({ workers: 2 });
  simulation.spawner.behaviour = "boots only when told";
  const started = simulation.supervisor.start();
  await simulation.advance(10);
  const draining = simulation.supervisor.drain();
  await simulation.advance(10);
  await Promise.all([started, draining]);
  assert(simulation.supervisor.stopping);
  assertEquals(simulation.spawner.alive, []);
});
