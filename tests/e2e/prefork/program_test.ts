import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Outcome, Program, runProgram } from "../program.ts";
import { app, MAIN, Supervised } from "./supervised.ts";

const APP = app("app");
const ignore = Deno.build.os !== "linux";
/** How many supervisors run at once. */
const AT_ONCE = 8;

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

test("prefork/main.ts says in one line what is wrong, and exits with 1 or 2", async (folder) => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  const write = (name: string, text: string): string => {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const broken = write("broken.ts", "const x = ;");
  const nothing = write("nothing.ts", "export const x = 1;");
  const astray = write("astray.ts", 'import "./nowhere.ts";');
  const file = write("file", "hello");
  const config = write("config.yaml", "wrokers: 2");
  const cases: [line: string, code: number, message: string][] = [
    ["", 2, "Cannot supervise as no program is given"],
    [`${folder}/none.ts`, 2, "as there is no such file"],
    [folder, 2, "as it is no file"],
    [`${APP} --cwd ${folder}/none`, 2, "as there is no such directory"],
    [`${APP} --cwd ${file}`, 2, "as it is no directory"],
    [`${APP} -w 0`, 2, "Cannot use --workers 0 as it must be auto or from 1 to 1024"],
    [`${APP} -w two`, 2, "Cannot use --workers two"],
    [`${APP} -p 65536`, 2, "Cannot use --port 65536"],
    [`${APP} --wrokers 2`, 2, "Cannot use --wrokers as there is no such flag"],
    [`${APP} --share magic`, 2, "Cannot use --share magic"],
    [`${APP} --timeout 0`, 2, "Cannot use --timeout 0"],
    [`${APP} --env A`, 2, "Cannot use --env A as it must be NAME=VALUE"],
    [`${APP} --allow-magic`, 2, "Deno knows no such permission"],
    [`${APP} --deno-flag=-A`, 2, "as it is about permissions"],
    [`${APP} --spares 17`, 2, "Cannot use --spares 17"],
    [`${APP} --kind module`, 2, "Cannot use --kind module"],
    [`${APP} --heap 1`, 2, "Cannot use --heap 1"],
    [`${APP} more`, 2, "Cannot use more: arguments of the program follow --"],
    [`${APP} --config ${config}`, 2, "there is no flag wrokers"],
    [`${APP} --hooks ${folder}/none.ts`, 2, "Cannot use hooks"],
    [`${APP} -w 1 -p ${port} --hostname 127.0.0.1`, 1, `as port ${port} is taken`],
    [`${APP} -w 1 -p ${port} --hostname 127.0.0.1 --share inherit`, 1, "is taken"],
    [`${APP} -w 1 -p 0 --hostname 192.0.2.1`, 1, "the address is none of this machine's"],
    [`${APP} -w 1 -p 0 --pid ${file}`, 1, "it holds no number of a process"],
    [`${APP} -w 1 -p 0 --pid ${folder}`, 1, "it can't be read"],
    [`${APP} -w 1 -p 0 --status ${file}`, 1, "as it is a file"],
    [`${APP} -w 1 -p 0 --log-file ${folder}`, 1, "Cannot log to"],
    [`${broken} -w 1 -p 0`, 1, "Cannot boot broken.ts as SyntaxError: "],
    [`${astray} -w 1 -p 0`, 1, "Cannot boot astray.ts as Module not found"],
    [`${nothing} -w 1 -p 0`, 1, "it ended by itself: it has no export default { fetch }"],
    [`${nothing} -w 1 -p 0 --kind fetch`, 1, "it has no default export with a fetch function"],
    [`${APP} -w 1 -p 0 --allow-env`, 1, "it needs --allow-net to listen on"],
    ["ctl", 2, "Cannot do nothing: the orders are"],
    ["ctl dance", 2, "Cannot dance: the orders are"],
    ["ctl scale many --status 1", 2, "Cannot scale to many as it is no number of workers"],
    ["ctl status", 2, "Cannot status without --status"],
    [`ctl status --status ${folder}/none`, 1, "Cannot reach a supervisor"],
    [`ctl signal KILL --pid ${file}`, 2, "Cannot send KILL as a supervisor heeds only"],
    [`ctl signal HUP --pid ${file}`, 1, "it holds no number of a process"],
    [`ctl reload --pid ${folder}/none`, 1, "there is no such file"],
  ];
  const check = async ([line, code, message]: typeof cases[number]): Promise<void> => {
    const outcome = await runProgram([MAIN, ...line.split(" ").filter(Boolean)]);
    assertStringIncludes(outcome.stderr, message, line);
    assertEquals([outcome.code, outcome.stdout], [code, ""], line);
    assertMatch(outcome.stderr, /^error: Cannot [^\n]+\n$/, line);
  };
  while (cases.length > 0) await Promise.all(cases.splice(0, AT_ONCE).map(check));
});

test("prefork/main.ts passes surroundings on to workers", async (folder) => {
  const line = `${APP} -w 1 --cwd ${folder} --env COLOUR=red --clear-env -- --flag word`;
  await using supervised = await Supervised.start(
    line.replace(" -- ", " --hostname 127.0.0.1 -p 0 -- "),
    { env: { SECRET: "1" } },
  );
  const { args, cwd, env, main } = JSON.parse(await supervised.get("/surroundings"));
  assertEquals([args.slice(0, 2), cwd, main], [["--flag", "word"], folder, true]);
  const { COLOUR, WORKER_ID, PORT, SECRET } = env;
  assertEquals([COLOUR, WORKER_ID, SECRET], ["red", "1", undefined]);
  assertEquals(Number(PORT), supervised.port);
  await supervised.stop();
});

test("prefork/main.ts permits workers what it was told to, and no more", async () => {
  const narrow = app("narrow");
  const cases: [flags: string, granted: string][] = [
    ["--allow-net", "net"],
    ["-N --allow-read --deny-env", "read,net"],
    ["-A", "read,write,net,env,run,sys,ffi,import"],
  ];
  await Promise.all(cases.map(async ([flags, granted]) => {
    await using supervised = await Supervised.start(`${narrow} -w 1 ${flags}`);
    assertEquals(await supervised.get(), granted);
    await supervised.stop();
  }));
  // The system hands descriptors down without asking, so a narrow supervisor still works.
  const own = "--allow-net --allow-run --allow-read --allow-env --allow-write --allow-sys".split(
    " ",
  );
  await using supervised = await Supervised.start(`${narrow} -w 1`, { denoFlags: own });
  assertEquals(await supervised.get(), "read,write,net,env,run,sys");
  await supervised.stop();
});

test("prefork/main.ts takes orders through a unix socket", async (folder) => {
  const control = `${folder}/control`;
  const ctl = (order: string): Promise<Outcome> =>
    runProgram([MAIN, "ctl", ...order.split(" "), "--status", control]);
  await using supervised = await Supervised.start(`${APP} -w 1 --status ${control}`);
  const [status, metrics, scaled] = await Promise.all([
    ctl("status"),
    ctl("metrics"),
    ctl("scale 2"),
  ]);
  assertMatch(status.stdout, /^supervisor \d+ on 127\.0\.0\.1:\d+ \(reuseport\), up .*\n/);
  assertStringIncludes(metrics.stdout, "# TYPE sluice_prefork_workers gauge");
  assertEquals(scaled.stdout, "scaling to 2 workers\n");
  await supervised.workers(2);
  assertEquals(await ctl("reload"), { code: 0, stdout: "replaced 2 workers\n", stderr: "" });
  assertEquals((await ctl("stop")).stdout, "stopping\n");
  assertEquals(await supervised.program.ended(), 0);
  assertEquals([...Deno.readDirSync(folder)], []);
});

test("prefork/main.ts takes orders through a port from those who know the token", async () => {
  using free = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = free.addr;
  free.close();
  const env = { SLUICE_CONTROL_TOKEN: "sesame" };
  await using supervised = await Supervised.start(`${APP} -w 1 --status ${port}`, { env });
  const answer = await fetch(`http://127.0.0.1:${port}/status`);
  assertEquals((await answer.json()).port, supervised.port);
  const order = [MAIN, "ctl", "stop", "--status", String(port)];
  const refused = await runProgram(order);
  assertEquals([refused.code, refused.stderr], [
    1,
    "refused: this endpoint takes no orders from you\n",
  ]);
  assertEquals((await supervised.get("/surroundings")).includes("sesame"), false);
  assertEquals((await runProgram(order, { env })).code, 0);
  assertEquals(await supervised.program.ended(), 0);
});

test("prefork/main.ts holds its pid file alone, and replaces one left behind", async (folder) => {
  const pid = `${folder}/pid`;
  await using killed = await Supervised.start(`${APP} -w 1 --pid ${pid}`);
  const line = `${MAIN} ${APP} -w 1 -p 0 --hostname 127.0.0.1 --pid ${pid}`;
  const second = await runProgram(line.split(" "));
  assertEquals(second.code, 1);
  assertStringIncludes(second.stderr, `as process ${killed.program.pid} holds it`);
  await killed.program.end("SIGKILL");
  assertEquals(Number(await Deno.readTextFile(pid)), killed.program.pid);
  await using supervised = await Supervised.start(`${APP} -w 1 --pid ${pid}`);
  assertEquals(Number(await Deno.readTextFile(pid)), supervised.program.pid);
  const signal = await runProgram([MAIN, "ctl", "signal", "TTIN", "--pid", pid]);
  assertEquals(signal.stdout, `sent SIGTTIN to ${supervised.program.pid}\n`);
  await supervised.workers(2);
  assertEquals((await runProgram([MAIN, "ctl", "stop", "--pid", pid])).code, 0);
  assertEquals(await supervised.program.ended(), 0);
});

test("prefork/main.ts reads its flags from a file, runs hooks, and logs JSON", async (folder) => {
  const config = `${folder}/config.yaml`;
  const hooks = `${folder}/hooks.ts`;
  await Deno.writeTextFile(
    config,
    `workers: 1\nport: 0\nhostname: 127.0.0.1\nlog: json\nhooks: ${hooks}\n`,
  );
  await Deno.writeTextFile(
    hooks,
    `export const beforeSpawn = ({ id }) => ({ SHARD: "shard-" + id });
     export const workerReady = ({ id }) => console.log("hook " + id);`,
  );
  await using program = Program.start([MAIN, APP, "--config", config]);
  await program.line(/^hook 1$/);
  const [line] = await program.line(/^.*listening on.*$/);
  const { level, message, time } = JSON.parse(line);
  assertMatch(time, /^20\d\d-.*Z$/);
  assertEquals(level, "info");
  const [url] = /http:\S+(?=,)/.exec(message)!;
  const { env } = await (await fetch(`${url}/surroundings`)).json();
  assertEquals(env.SHARD, "shard-1");
  const [ready] = await program.line(/^.*Ready after.*$/);
  assertEquals(JSON.parse(ready).worker, 1);
  assertEquals(await program.end("SIGQUIT"), 0);
});

test("prefork/main.ts shows what it is in the list of processes", async () => {
  await using supervised = await Supervised.start(`${APP} -w 1`);
  const [worker] = (await supervised.workers(1)).values();
  const titles = [supervised.program.pid, worker].map((pid) =>
    Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", "")
  );
  assertEquals(titles, ["sluice: master [app.ts]", "sluice: worker 1 [app.ts]"]);
  await supervised.stop();
});

test("prefork/main.ts explains itself", async () => {
  const help = await runProgram([MAIN, "--help"]);
  assertEquals(help.code, 0);
  for (const text of ["Usage:", "--workers", "ctl", "TTIN"]) {
    assertStringIncludes(help.stdout, text);
  }
});
