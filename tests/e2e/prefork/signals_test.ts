import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Program } from "../program.ts";
import { app, isAlive, MAIN, Supervised, until } from "./supervised.ts";

const APP = app("app");
const ignore = Deno.build.os !== "linux";
/** Where Deno opens its debugger on SIGUSR1. */
const DEBUGGER_PORT = 9229;

/** Declares a test that has a folder to itself. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

test("SIGTTIN and SIGTTOU add and remove a worker, but not the last one", async () => {
  await using supervised = await Supervised.start(`${APP} -w 1`);
  const [first] = (await supervised.workers(1)).values();
  supervised.signal("SIGTTIN");
  const second = (await supervised.workers(2)).get(2)!;
  supervised.signal("SIGTTOU");
  await supervised.line(/^worker 2 .*Gone/);
  assertEquals([isAlive(first), isAlive(second)], [true, false]);
  supervised.signal("SIGTTOU");
  await supervised.line(/^Keeping the last worker/);
  supervised.signal("SIGTTIN");
  await supervised.count(/^worker 2 .*Ready/, 2);
  assert(isAlive(first));
  await supervised.stop();
});

test("SIGHUP replaces all workers", async () => {
  await using supervised = await Supervised.start(`${APP} -w 2`);
  const before = await supervised.workers(2);
  supervised.signal("SIGHUP");
  await supervised.line(/^Reloaded 2 workers/);
  await supervised.count(/: Gone/, 2);
  const after = await supervised.workers(4);
  assertEquals([...before.values()].filter(isAlive), []);
  assertEquals([...after.values()].filter(isAlive).length, 2);
  await supervised.stop();
});

test("SIGQUIT lets requests finish", async () => {
  await using supervised = await Supervised.start(`${APP} -w 1`);
  const answer = supervised.get("/slow?n=600");
  await supervised.line(/slow begins/);
  supervised.signal("SIGQUIT");
  assertEquals(await answer, "slow ends");
  assertEquals(await supervised.program.ended(), 0);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} gives requests up, and ends at once`, async () => {
    await using supervised = await Supervised.start(`${APP} -w 1`);
    const [worker] = (await supervised.workers(1)).values();
    const answer = supervised.get("/slow?n=1000000").catch(() => "given up");
    await supervised.line(/slow begins/);
    assertEquals(await supervised.program.end(signal), 0);
    assertEquals([await answer, isAlive(worker)], ["given up", false]);
  });
}

test("SIGUSR1 opens the log file again", async (folder) => {
  const log = `${folder}/log`;
  const line = `${MAIN} ${APP} -w 1 -p 0 --hostname 127.0.0.1 --log-file ${log}`;
  await using logged = Program.start(line.split(" "));
  await until(async () => (await readIfThere(log)).includes("listening"));
  await Deno.rename(log, `${log}.1`);
  logged.signal("SIGUSR1");
  await until(async () => (await readIfThere(log)).includes("Opened log files again"));
  logged.signal("SIGTTIN");
  await until(async () => /worker 2 .*Ready/.test(await readIfThere(log)));
  assertEquals((await readIfThere(`${log}.1`)).includes("worker 2"), false);
  await until(() => !listensAt(logged.pid, DEBUGGER_PORT));
  assertEquals(await logged.end("SIGQUIT"), 0);
  // Deno may have announced its debugger before that was closed again.
  assertEquals(logged.lines.filter((line) => !/debugger/i.test(line)), []);
});

test("SIGUSR2 starts another supervisor, and leaves to it", async (folder) => {
  const pidFile = `${folder}/pid`;
  await using supervised = await Supervised.start(`${APP} -w 1 --pid ${pidFile}`);
  const before = Number(await Deno.readTextFile(pidFile));
  const { mark } = supervised;
  supervised.signal("SIGUSR2");
  await supervised.line(/^listening on/, mark);
  assertMatch(await supervised.get(), /^1 \d+$/);
  await until(() => !isAlive(before));
  const after = Number(await Deno.readTextFile(pidFile));
  assertNotEquals(after, before);
  assertMatch(await supervised.get(), /^1 \d+$/);
  Deno.kill(after, "SIGQUIT");
  await supervised.program.ended();
  await until(() => !isAlive(after));
  assertEquals(await readIfThere(pidFile), "");
});

test("SIGUSR2 changes nothing when the other supervisor fails", async (folder) => {
  const program = `${folder}/app.ts`;
  await Deno.copyFile(APP, program);
  await using supervised = await Supervised.start(`${program} -w 1 --pid ${folder}/pid`);
  const pid = await Deno.readTextFile(`${folder}/pid`);
  await Deno.writeTextFile(program, "const broken = ;");
  supervised.signal("SIGUSR2");
  await supervised.line(/^error: Cannot boot app.ts as SyntaxError/);
  await supervised.line(/Cannot leave to a successor as it ended with code 1; serving on/);
  assertMatch(await supervised.get(), /^1 \d+$/);
  assertEquals(await Deno.readTextFile(`${folder}/pid`), pid);
  await supervised.stop();
});

test("SIGWINCH lets all workers go, and SIGHUP brings them back", async () => {
  await using supervised = await Supervised.start(`${APP} -w 2`);
  supervised.signal("SIGWINCH");
  await supervised.count(/: Gone/, 2);
  await supervised.get().then(() => assert(false), () => {});
  supervised.signal("SIGHUP");
  await supervised.line(/^Reloaded 2 workers/);
  assertMatch(await supervised.get(), /^[12] \d+$/);
  await supervised.stop();
});

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Whether a process listens at a port of IPv4. */
function listensAt(pid: number, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = Deno.readTextFileSync(`/proc/${pid}/net/tcp`).split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[1]?.endsWith(`:${hex}`) && fields[3] === "0A" ? [fields[9]] : [];
  });
  const links = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  });
  return inodes.some((inode) => links.includes(`socket:[${inode}]`));
}
