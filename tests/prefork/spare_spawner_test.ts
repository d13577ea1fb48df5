import { assertEquals, assertThrows } from "@std/assert";
import { Supervisor } from "../../prefork/mod.ts";
import { Simulation } from "./simulation.ts";

/** More than spares wait for before they are started. */
const REST_MS = 1100;

Deno.test("SpareSpawner keeps processes that are told nothing, once workers have booted", async () => {
  using simulation = new Simulation({ workers: 2, spares: 1 });
  await simulation.start();
  assertEquals(simulation.spawner.processes.length, 2);
  assertEquals(simulation.supervisor.status().spares, 0);
  await simulation.advance(REST_MS);
  assertEquals(simulation.spawner.last.told, []);
  const { spares, workers } = simulation.supervisor.status();
  assertEquals([spares, workers.length], [1, 2]);
});

Deno.test("SpareSpawner gives a spare the place of a worker that died, and starts another", async () => {
  using simulation = new Simulation({ workers: 2, spares: 1 });
  await simulation.start();
  await simulation.advance(REST_MS);
  const { processes } = simulation.spawner;
  processes[2].print("from before");
  processes[0].exit(1);
  await simulation.advance(60);
  assertEquals(simulation.inState("ready").sort(), [1, 2]);
  assertEquals(simulation.supervisor.workers.map(({ pid }) => pid).sort(), [101, 102]);
  assertEquals([processes.length, simulation.supervisor.status().spares], [3, 0]);
  await simulation.advance(REST_MS);
  assertEquals([processes.length, simulation.supervisor.status().spares], [4, 1]);
});

Deno.test("SpareSpawner starts a spare again that dies, ever more slowly", async () => {
  using simulation = new Simulation({ workers: 1, spares: 1 });
  await simulation.start();
  const { spawner } = simulation;
  for (const pauseMs of [1000, 2000, 4000]) {
    const { length } = spawner.processes;
    await simulation.advance(pauseMs - 200);
    assertEquals(spawner.processes.length, length);
    await simulation.advance(200);
    assertEquals(spawner.processes.length, length + 1);
    spawner.last.exit(1);
  }
  assertEquals(simulation.inState("ready"), [1]);
});

Deno.test("SpareSpawner keeps no spare of another surrounding", async () => {
  let round = 0;
  const hooks = { beforeSpawn: () => ({ ROUND: String(round++) }) };
  using simulation = new Simulation({ workers: 1, spares: 1, hooks });
  await simulation.start();
  await simulation.advance(REST_MS);
  const { processes } = simulation.spawner;
  processes[0].exit(1);
  await simulation.advance(100);
  assertEquals(simulation.supervisor.workers.map(({ pid }) => pid), [102]);
  await simulation.advance(2 * REST_MS);
  assertEquals(processes.map(({ command }) => command.env.ROUND), ["0", "0", "1", "1"]);
  assertEquals(processes.map(({ alive }) => alive), [false, false, true, true]);
});

for (const how of ["drain", "close"] as const) {
  Deno.test(`Supervisor.${how}() ends spares`, async () => {
    using simulation = new Simulation({ workers: 1, spares: 2 });
    await simulation.start();
    await simulation.advance(REST_MS);
    assertEquals(simulation.spawner.alive.length, 3);
    const stopped = simulation.supervisor[how]();
    await simulation.advance(1000);
    await stopped;
    assertEquals(simulation.spawner.alive, []);
  });
}

Deno.test("new Supervisor() refuses spares without number", () => {
  for (const spares of [-1, 0.5, 17, NaN]) {
    assertThrows(
      () => new Supervisor({ entry: "a.ts", spares }),
      RangeError,
      `Cannot keep ${spares} spares`,
    );
  }
});
