import { assert, assertEquals, assertMatch } from "@std/assert";
import { Program, runProgram } from "./program.ts";

const WORK = "queue/work.ts";
const JOBS = "examples/jobs.ts";
const ignore = Deno.build.os !== "linux";

/** A server of its own on free ports, and a folder for it. */
class Server implements AsyncDisposable {
  readonly line: number;
  readonly beanstalk: number;
  readonly #program: Program;
  readonly #folder: string;

  private constructor(
    program: Program,
    options: { folder: string; line: number; beanstalk: number },
  ) {
    this.#program = program;
    this.#folder = options.folder;
    this.line = options.line;
    this.beanstalk = options.beanstalk;
  }

  static async start(flags: string[] = []): Promise<Server> {
    const folder = await Deno.makeTempDir();
    const args = ["--store", `kv:${folder}/queue.db`, "--line", "0", "--beanstalk", "0"];
    const program = Program.start(["queue/server.ts", ...args, ...flags]);
    const [, line, beanstalk] = await program.line(
      /listening on 127\.0\.0\.1:(\d+) \(lines\), 127\.0\.0\.1:(\d+)/,
    );
    return new Server(program, { folder, line: Number(line), beanstalk: Number(beanstalk) });
  }

  /** Writes lines as any program would, and waits until they are durable. */
  async send(...lines: string[]): Promise<void> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.line });
    await connection.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
    await connection.closeWrite();
    assertEquals(await new Response(connection.readable).text(), "");
  }

  work(...flags: string[]): Program {
    return Program.start([WORK, JOBS, "--server", `127.0.0.1:${this.beanstalk}`, ...flags]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end("SIGTERM");
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test({
  name: "a producer writes lines and leaves; a worker that comes later runs each job",
  ignore,
  fn: async () => {
    await using server = await Server.start(["--php-jobs", "HelloWorldJob=hello"]);
    await server.send(
      '{"job":"hello","data":"Christoph"}',
      'O:13:"HelloWorldJob":1:{s:7:"\0*\0data";s:5:"Laura";}',
    );
    await using worker = server.work("-c", "2");
    await worker.line(/^process \d: Hello Christoph/);
    await worker.line(/^process \d: Hello Laura/);
    await worker.line(/^job 2 \(hello\): done/);
    assertEquals(await worker.end("SIGTERM"), 0);
    assertMatch(worker.lines.at(-1)!, /^stopped: 2 done, 0 failed, 0 given back/);
  },
});

Deno.test({
  name: "jobs that fail, kill their process or hang are buried, and others go on",
  ignore,
  fn: async () => {
    await using server = await Server.start();
    await server.send(
      '{"job":"fail","data":null,"backoff":10}',
      '{"job":"die","data":null}',
      '{"job":"hang","data":null}',
      '{"job":"nobody","data":null,"maxAttempts":1}',
      '{"job":"hello","data":"Christoph"}',
    );
    await using worker = server.work("-c", "3");
    await worker.line(/^warning: job 1 \(fail\): attempt 3 failed, buried: No luck/);
    await worker.line(/^warning: job 2 \(die\): attempt 2 failed, buried: .*exited with code 9/);
    await worker.line(/^warning: job 3 \(hang\): attempt 1 failed, buried: .*was killed/);
    await worker.line(
      /^warning: job 4 \(nobody\): attempt 1 failed, buried: Cannot use job nobody/,
    );
    await worker.line(/^job 5 \(hello\): done/);
    assertEquals(await worker.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: "SIGTERM lets jobs end, and gives back what doesn't",
  ignore,
  fn: async () => {
    await using server = await Server.start();
    await server.send('{"job":"work","data":1000}', '{"job":"work","data":3600000,"timeoutMs":0}');
    await using worker = server.work("-c", "2", "--grace", "4", "--in-process");
    await worker.line(/^working on default, 2 at a time/);
    await server.send('{"job":"work","data":1}');
    await worker.line(/^job 1 \(work\): done/);
    assertEquals(await worker.end("SIGTERM"), 0);
    assertMatch(worker.lines.at(-1)!, /given back/);
    await using next = server.work("-c", "1");
    await next.line(/^working/);
    assertEquals(await next.end("SIGTERM"), 0);
  },
});

Deno.test({
  name: "a worker owns a store by itself, and finds what was left in it",
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const store = `kv:${folder}/queue.db`;
    {
      await using server = Program.start([
        ...["queue/server.ts", "--store", store, "--line", "0", "--beanstalk", "0"],
      ]);
      const [, port] = await server.line(/listening on 127\.0\.0\.1:(\d+) \(lines\)/);
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      await connection.write(new TextEncoder().encode('{"job":"hello","data":"Ada"}\n'));
      await connection.closeWrite();
      await new Response(connection.readable).text();
      await server.end("SIGKILL");
    }
    await using worker = Program.start([WORK, JOBS, "--store", store, "-c", "1"]);
    await worker.line(/^process 1: Hello Ada/);
    assertEquals(await worker.end("SIGTERM"), 0);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("queue/work.ts tells in one line what is wrong", async () => {
  const cases: [args: string[], code: number, message: RegExp][] = [
    [[], 2, /^error: Cannot work without JOBS\.ts/],
    [[JOBS, "-c", "0"], 2, /^error: Cannot use --concurrency 0/],
    [[JOBS, "--server", "a:b"], 2, /^error: Cannot use --server a:b/],
    [[JOBS, "--server", "a", "--store", "memory:"], 2, /--server and --store together/],
    [[JOBS, "--store", "nothing"], 2, /^error: Cannot use --store nothing/],
    [["examples/missing.ts"], 2, /^error: Cannot use jobs of .*missing\.ts as /],
    [["examples/http.ts"], 2, /^error: Cannot use jobs of .*http\.ts as it exports no class/],
    [[JOBS, "--magic"], 2, /--magic/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await runProgram([WORK, ...args]);
    assertMatch(outcome.stderr, message);
    assertEquals([outcome.code, outcome.stdout], [code, ""]);
    assert(outcome.stderr.trim().split("\n").length === 1, outcome.stderr);
  }
});
