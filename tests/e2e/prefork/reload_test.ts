import { assert, assertEquals } from "@std/assert";
import { askOn, HttpLoad } from "./http_load.ts";
import { app, isAlive, Supervised, until } from "./supervised.ts";

const APP = app("app");
const ignore = Deno.build.os !== "linux";
/** How often it is done: the long form, `SLUICE_RELOADS=100`, takes minutes. */
const times = Number(Deno.env.get("SLUICE_RELOADS") ?? 2);

for (const share of ["reuseport", "inherit"]) {
  Deno.test({
    name: `rolling reloads lose nothing, shared by ${share}`,
    ignore,
    fn: async () => {
      await using supervised = await Supervised.start(`${APP} -w 2 --share ${share}`);
      const { port } = supervised;
      const loads = [false, true].map((keepAlive) => new HttpLoad({ port, clients: 4, keepAlive }));
      for (let i = 1; i <= times; i++) {
        const { mark } = supervised;
        supervised.signal("SIGHUP");
        await supervised.line(/^Reloaded 2 workers/, mark);
        await supervised.count(/: Gone/, 2 * i);
      }
      for (const load of loads) {
        const { answers } = load;
        await until(() => load.answers > answers + 100);
        assertEquals((await load.stop()).failures, []);
      }
      await supervised.stop();
    },
  });

  Deno.test({
    name: `a kept-alive connection that is used seldom ends with an answer, shared by ${share}`,
    ignore,
    fn: async () => {
      const flags = `--drain 0.01 --linger 3600`;
      await using supervised = await Supervised.start(`${APP} -w 1 --share ${share} ${flags}`);
      const at = { port: supervised.port, hostname: "127.0.0.1" };
      const kept = await Deno.connect(at);
      const before = await askOn(kept, { keepAlive: true });
      assertEquals(before.closes, false);
      supervised.signal("SIGHUP");
      await supervised.line(/^Reloaded 1 workers/);
      const load = new HttpLoad({ port: supervised.port, clients: 1, keepAlive: false });
      await until(() => load.answers > 100);
      assertEquals((await load.stop()).failures, []);
      assertEquals(await askOn(kept, { keepAlive: true }), { ...before, closes: true });
      kept.close();
      await supervised.line(/: Gone/);
      await supervised.stop();
    },
  });

  Deno.test({
    name: `adding and removing workers loses nothing, shared by ${share}`,
    ignore,
    fn: async () => {
      await using supervised = await Supervised.start(`${APP} -w 1 --share ${share}`);
      const load = new HttpLoad({ port: supervised.port, clients: 4, keepAlive: false });
      for (let i = 1; i <= times; i++) {
        supervised.signal("SIGTTIN");
        await supervised.count(/^worker 2 .*Ready/, i);
        const { answers } = load;
        await until(() => load.answers > answers + 50);
        supervised.signal("SIGTTOU");
        await supervised.count(/^worker 2 .*Gone/, i);
      }
      const { failures, by } = await load.stop();
      assertEquals(failures, []);
      assertEquals([...by.keys()].sort(), ["1", "2"]);
      await supervised.stop();
    },
  });

  Deno.test({
    name: `another supervisor takes over without losing anything, shared by ${share}`,
    ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      const line = `${APP} -w 2 --share ${share} --pid ${folder}/pid`;
      await using supervised = await Supervised.start(line);
      const load = new HttpLoad({ port: supervised.port, clients: 4, keepAlive: false });
      await until(() => load.answers > 100);
      supervised.signal("SIGUSR2");
      await supervised.count(/^listening on/, 2);
      await supervised.count(/: Gone/, 2);
      const { answers } = load;
      await until(() => load.answers > answers + 100);
      assertEquals((await load.stop()).failures, []);
      const successor = Number(await Deno.readTextFile(`${folder}/pid`));
      Deno.kill(successor, "SIGQUIT");
      await supervised.program.ended();
      await until(() => !isAlive(successor));
      await Deno.remove(folder, { recursive: true });
    },
  });
}

Deno.test({
  name: "connections are dealt out evenly among workers",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start(`${APP} -w 4`);
    await supervised.workers(4);
    const load = new HttpLoad({ port: supervised.port, clients: 8, keepAlive: false });
    await until(() => load.answers >= 4000);
    const { by, answers, failures } = await load.stop();
    assertEquals([failures, by.size], [[], 4]);
    for (const [worker, count] of by) {
      const share = count / (answers / 4);
      assert(share > 0.85 && share < 1.15, `worker ${worker} got ${share} of its share`);
    }
    await supervised.stop();
  },
});
