import { assertEquals } from "@std/assert";
import { EventLoop, SeededRandom } from "../../loop/mod.ts";
import { Program } from "./program.ts";
import { KillJudge } from "./queue_kills/judge.ts";
import { KillLoad, type Life } from "./queue_kills/load.ts";

/** How often the server is killed: more by `SLUICE_KILLS=200 deno test -A tests/e2e/queue_kill_test.ts`. */
const KILLS = Number(Deno.env.get("SLUICE_KILLS") ?? 4);
const MIN_LIFE_MS = 20;
const MAX_LIFE_MS = 600;

async function start(path: string, number: number): Promise<{ server: Program; life: Life }> {
  const flags = ["--store", `kv:${path}`, "--line", "0", "--beanstalk", "0"];
  const server = Program.start(["queue/server.ts", ...flags], { denoFlags: ["-A", "--no-check"] });
  const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
  return { server, life: { number, line: Number(line), beanstalk: Number(beanstalk) } };
}

Deno.test("queue/server.ts keeps its word though it is killed at random moments under load", async () => {
  const folder = await Deno.makeTempDir();
  await using loop = new EventLoop();
  const random = new SeededRandom(Date.now());
  const judge = new KillJudge();
  let leastMs = Infinity;
  for (let number = 1; number <= KILLS; number++) {
    const startedAt = performance.now();
    const { server, life } = await start(`${folder}/queue.db`, number);
    leastMs = Math.min(leastMs, performance.now() - startedAt);
    const load = new KillLoad(loop, { judge, life });
    const running = load.run();
    await loop.sleep(MIN_LIFE_MS + random.next() * (MAX_LIFE_MS - MIN_LIFE_MS));
    await server.end("SIGKILL");
    load.isKilled = true;
    await running;
    assertEquals(judge.faults, []);
  }
  const { server, life } = await start(`${folder}/queue.db`, KILLS + 1);
  const load = new KillLoad(loop, { judge, life });
  load.isDraining = true;
  await load.run();
  assertEquals(await server.end("SIGTERM"), 0);
  assertEquals(judge.faults, []);
  assertEquals(judge.lost(), []);
  const { size, acknowledged, repeated } = judge;
  console.log(
    `${KILLS} kills: ${size} jobs sent, ${acknowledged} acknowledged, none lost, ` +
      `${repeated} given out again after a crash; ready after ${Math.round(leastMs)} ms at best`,
  );
  await Deno.remove(folder, { recursive: true });
});
