import { assert, assertEquals, assertMatch } from "@std/assert";
import { CutOffError, HttpLoad } from "./http_load.ts";
import { app, isAlive, MAIN, Supervised, until } from "./supervised.ts";
import { Program } from "../program.ts";

const APP = app("app");
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "a worker that is killed is replaced, and only requests inside it fail",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 2`);
    const victim = (await supervised.workers(2)).get(1)!;
    const load = new HttpLoad({ port: supervised.port, clients: 4, keepAlive: false });
    await until(() => load.answers > 200);
    Deno.kill(victim, "SIGKILL");
    await supervised.line(/^warning: worker 1 .*Died as it was ended by SIGKILL/);
    const noticed = performance.now();
    const { answers } = load;
    await supervised.count(/^worker 1 .*Ready/, 2);
    await until(() => load.answers > answers + 200);
    const { failures, by } = await load.stop();
    // Those inside were taken or waited in its queue, and there is no queue once it is gone.
    assertEquals(failures.filter(({ began }) => began >= noticed), []);
    assertEquals(failures.filter(({ error }) => !isCutOff(error)), []);
    // The kernel ends connections one by one: who is cut off first may come back and wait in the
    // queue that is ended last.
    for (const own of Map.groupBy(failures, ({ client }) => client).values()) {
      assert(own.length <= 2, own.map(({ error }) => String(error)).join());
    }
    assertEquals([...by.keys()].sort(), ["1", "2"]);
    await supervised.stop();
  },
});

Deno.test({
  name: "a spare takes the place of a worker that is killed, with the program as it is then",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/app.ts`;
    await Deno.copyFile(APP, program);
    await using supervised = await Supervised.start(`${program} -w 2 --spares 1`);
    const victim = (await supervised.workers(2)).get(2)!;
    const spare = await spareOf(supervised.program.pid);
    const text = await Deno.readTextFile(APP);
    await Deno.writeTextFile(program, text.replace('"one"', '"two"'));
    Deno.kill(victim, "SIGKILL");
    assertEquals((await supervised.workers(3)).get(2), spare);
    await until(async () => await supervised.get() === `2 ${spare}`);
    await until(async () => await supervised.get("/version") === "two");
    await supervised.stop();
    assertEquals(isAlive(spare), false);
    await Deno.remove(folder, { recursive: true });

    async function spareOf(supervisor: number): Promise<number> {
      const workers = new Set((await supervised.workers(2)).values());
      const children = `/proc/${supervisor}/task/${supervisor}/children`;
      for (;;) {
        const pids = (await Deno.readTextFile(children)).split(" ").filter(Boolean).map(Number);
        const spare = pids.find((pid) => !workers.has(pid));
        if (spare !== undefined) return spare;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  },
});

Deno.test({
  name: "a worker that is stopped and one in a busy loop are killed and replaced",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 2 --timeout 1`);
    const before = await supervised.workers(2);
    Deno.kill(before.get(1)!, "SIGSTOP");
    await supervised.line(/^warning: worker 1 .*Killed as it was silent for 1 s/);
    await supervised.workers(3);
    const busy = supervised.get("/busy").catch(() => "cut off");
    await supervised.count(/^warning: worker \d .*Killed as it was silent for 1 s/, 2);
    assertEquals(await busy, "cut off");
    await supervised.workers(4);
    assertMatch(await supervised.get(), /^[12] \d+$/);
    await supervised.stop();
  },
});

Deno.test({
  name: "a supervisor that is killed takes its workers along, hung ones too",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 3`);
    const workers = await supervised.workers(3);
    Deno.kill(workers.get(1)!, "SIGSTOP");
    const busy = supervised.get("/busy").catch(() => "cut off");
    await supervised.program.end("SIGKILL");
    await until(() => [...workers.values()].every((pid) => !isAlive(pid)));
    assertEquals(await busy, "cut off");
    using _listener = Deno.listen({ port: supervised.port, hostname: "127.0.0.1" });
  },
});

Deno.test({
  name: "a worker that dies at boot is tried again, ever more slowly, and what it printed is told",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/dies.ts`;
    await Deno.writeTextFile(program, 'console.log("no database"); Deno.exit(7);');
    await using supervisor = Program.start([MAIN, program, "-w", "1", "-p", "0"]);
    assertEquals(await supervisor.ended(), 1);
    const { lines } = supervisor;
    assertEquals(lines.filter((line) => line === "worker 1: no database").length, 5);
    const pauses = lines.flatMap((line) => {
      const pause = /Cannot boot as it exited with code 7, next try in ([\d.]+) s/.exec(line)?.[1];
      return pause === undefined ? [] : [Number(pause)];
    });
    assertEquals(pauses.length, 5);
    assert(pauses[0] === 0 && pauses[4] >= 0.3, pauses.join());
    assertEquals(
      lines.at(-1),
      "error: Cannot boot dies.ts as it died 5 times in a row: it exited with code 7",
    );
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "a broken deploy leaves the old workers serving, with the error shown",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/app.ts`;
    await Deno.copyFile(APP, program);
    await using supervised = await Supervised.start(`${program} -w 2`);
    const text = await Deno.readTextFile(APP);
    await Deno.writeTextFile(program, "const broken = ;");
    supervised.signal("SIGHUP");
    const [line] = await supervised.line(/^error: .*Gave up reload.*/);
    assertMatch(line, /as SyntaxError: .* at file:.*app\.ts:1:16; 2 of 2 workers serve on/);
    assertEquals(await supervised.get("/version"), "one");
    await Deno.writeTextFile(program, text.replace('"one"', '"two"'));
    supervised.signal("SIGHUP");
    await supervised.line(/^Reloaded 2 workers/);
    await until(async () => await supervised.get("/version") === "two");
    await supervised.stop();
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "a worker is replaced after so many requests, and nothing is lost",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 2 --max-requests 300`);
    const load = new HttpLoad({ port: supervised.port, clients: 4, keepAlive: false });
    await supervised.count(/Replacing as it has served its requests/, 3);
    await supervised.count(/: Gone/, 3);
    assertEquals((await load.stop()).failures, []);
    await supervised.stop();
  },
});

Deno.test({
  name: "a worker is replaced when it uses too much memory",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 1 --max-memory 200`);
    assertEquals(await supervised.get("/grow?n=250000000"), "grown");
    await supervised.line(/Replacing as it uses \d+ MiB/);
    await supervised.line(/: Gone/);
    assertMatch(await supervised.get(), /^1 \d+$/);
    await supervised.stop();
  },
});

Deno.test({
  name: "a worker with too little memory for its work dies, and is replaced",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const program = `${folder}/hungry.ts`;
    await Deno.writeTextFile(
      program,
      `export default { fetch(request) {
        const hog = [];
        while (request.url.endsWith("/eat")) hog.push(new Array(1000).fill(hog.length));
        return new Response("sated");
      } };`,
    );
    await using supervised = await Supervised.start(`${program} -w 1 --heap 32`);
    await supervised.get("/eat").then(() => assert(false), () => {});
    await supervised.line(/^warning: worker 1 .*Died as/);
    await supervised.count(/Ready/, 2);
    assertEquals(await supervised.get(), "sated");
    await supervised.stop();
    await Deno.remove(folder, { recursive: true });
  },
});

/** Whether the other side of a connection was gone. */
function isCutOff(error: unknown): boolean {
  return error instanceof CutOffError || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe;
}
