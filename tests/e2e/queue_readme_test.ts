import { assert, assertEquals, assertMatch } from "@std/assert";
import { need } from "../needs.ts";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

const README = await Deno.readTextFile(new URL("../../queue/README.md", import.meta.url));
const { ignore, suffix } = need("nc");
const decoder = new TextDecoder();

/** A command of the README that begins so, without its comment. */
function command(start: string): string {
  const line = README.split("\n").find((line) => line.startsWith(start));
  assert(line !== undefined, `there is no ${start} in the README`);
  return line.replace(/\s+#.*/, "");
}

/** Runs it as a shell does, with another port; gives what it prints. */
async function shell(text: string, port: number): Promise<string> {
  const args = ["-c", text.replace(/\b(8001|8080)\b/, String(port))];
  const { stdout } = await new Deno.Command("sh", { args, stderr: "inherit" }).output();
  return decoder.decode(stdout);
}

/** What a `deno run -A …` of the README is given. */
function argsOf(text: string): string[] {
  return text.split(/\s+/).slice(3);
}

Deno.test({
  name: `the README's lines in two terminals run as it says${suffix}`,
  ignore,
  fn: async () => {
    const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0"];
    await using server = Program.start([
      ...argsOf(command("deno run -A queue/server.ts --php-jobs")),
      ...flags,
    ]);
    const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
    const port = Number(line);
    assertEquals(await shell(command(`printf '{"job":"hello","data":"Christoph"}`), port), "");
    assertEquals(await shell(command("printf 'O:13:"), port), "");
    const asked = command(`printf '{"job":"hello","data":"Laura"}`);
    assertEquals(await shell(asked, port), '{"ack":1,"jobs":1}\n');
    const work = argsOf(command("deno run -A queue/work.ts examples/jobs.ts -c"));
    await using worker = Program.start([...work, "--server", `localhost:${beanstalk}`], {
      cwd: fromFileUrl("../.."),
    });
    for (const id of [1, 2, 3]) await worker.line(new RegExp(`^job ${id} \\(hello\\): done`));
    const said = worker.lines.filter((line) => line.includes("Hello")).map((line) =>
      line.replace(/^process \d+: /, "")
    );
    assertEquals(said.toSorted(), ["Hello Christoph", "Hello Christoph", "Hello Laura"]);
    assertEquals(await worker.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: `the README's failing job goes through its attempts, and is kicked back${suffix}`,
  ignore,
  fn: async () => {
    const flags = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];
    await using server = Program.start(["queue/server.ts", ...flags]);
    const [, http] = await server.line(/:(\d+) \(http\)/);
    const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), [^ ]*:(\d+) \(beanstalk\)/);
    const args = ["examples/jobs.ts", "--in-process", "--server", `localhost:${beanstalk}`];
    await using worker = Program.start(["queue/work.ts", ...args], { cwd: fromFileUrl("../..") });
    await shell(command(`printf '{"job":"fail"}`), Number(line));
    const buried = /^warning: job 1 \(fail\): attempt 3 failed, buried: No luck/;
    await worker.line(buried);
    const [, list, kick] = ["", "curl 'localhost", "curl localhost"].map(command);
    const queue = `http://127.0.0.1:${http}/queues/default`;
    assert(list.includes("8080/queues/default/jobs?state=buried"));
    let letters: { body: { job: string } }[] = [];
    while (letters.length === 0) {
      letters = await (await fetch(`${queue}/jobs?state=buried`)).json();
    }
    assertEquals(letters.map(({ body }) => body.job), ["fail"]);
    const [, path, body] = /8080\/(\S+) -d '(.*)'/.exec(kick)!;
    const url = `http://127.0.0.1:${http}/${path}`;
    assertEquals(await (await fetch(url, { method: "POST", body })).json(), { kicked: 1 });
    const seen = worker.lines.findIndex((line) => buried.test(line)) + 1;
    await worker.line(/^warning: job 1 \(fail\): attempt \d failed/, seen);
  },
});

Deno.test("examples/failing.ts shows a job become a dead letter and come back", async () => {
  const { code, stdout } = await runProgram(["examples/failing.ts"]);
  assertEquals(code, 0);
  assertMatch(stdout, /attempt 3: .*, buried\n.*\ndead letter 1: .*\nsent to Christoph\n$/);
});

Deno.test("examples/cron.ts pushes a job at its times", async () => {
  await using program = Program.start(["examples/cron.ts"]);
  await program.line(/^the next report comes at /);
  const first = await program.line(/^report for the boss$/);
  await program.line(/^report for the boss$/, program.lines.indexOf(first[0]) + 1);
});
