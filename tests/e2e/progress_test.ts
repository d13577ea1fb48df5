import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { KvJobStore } from "../../queue/mod.ts";
import { need } from "../needs.ts";
import { fromFileUrl } from "./paths.ts";
import { Program, runProgram } from "./program.ts";

const { ignore, suffix } = need("script");
const SERVER = ["queue/server.ts", "--store", "memory:", "--line", "0", "--beanstalk", "0"];
/** How a line of a terminal is written anew. */
const ANEW = "\r\x1b[2K";

/** A program in a terminal of its own, of 80 columns. */
class Terminal implements AsyncDisposable {
  /** What it shows; where a line is written anew there is a `^`. */
  get shown(): string {
    return this.#text.replaceAll(ANEW, "^");
  }

  #text = "";
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  #news = Promise.withResolvers<void>();

  constructor(args: string[]) {
    const [program, ...rest] = args;
    const command = [Deno.execPath(), "run", "-A", fromFileUrl(`../../${program}`), ...rest];
    const line = command.map((each) => `'${each}'`).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["-qefc", `stty cols 80; echo "pid $$."; exec ${line}`, "/dev/null"],
      env: { NO_COLOR: "1", SHELL: "/bin/sh" },
      stdin: "null",
      stdout: "piped",
    }).spawn();
    this.#read = this.#collect(this.#child.stdout);
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.shown);
      if (match !== null) return match;
      await Promise.race([this.#news.promise, this.#read]);
      if (pattern.exec(this.shown) === null && await isOver(this.#read)) {
        throw new TypeError(`Nothing like ${pattern} in ${JSON.stringify(this.shown)}`);
      }
    }
  }

  async signal(signal: Deno.Signal): Promise<void> {
    const [, pid] = await this.until(/pid (\d+)\./);
    Deno.kill(Number(pid), signal);
  }

  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += part;
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.ended();
  }
}

async function isOver(reading: Promise<void>): Promise<boolean> {
  return await Promise.race([reading.then(() => true), Promise.resolve(false)]);
}

Deno.test({
  name: `queue/push.ts tells in a terminal how far it is${suffix}`,
  ignore,
  async fn() {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, '{"job":"hello"}\n'.repeat(20_000));
    await using server = Program.start(SERVER);
    const [, port] = await server.line(/:(\d+) \(lines\)/);
    await using terminal = new Terminal(["queue/push.ts", file, "--server", `127.0.0.1:${port}`]);
    await terminal.until(/\d+ %, [\d,]+ jobs, [\d,]+ a second/);
    assertEquals(await terminal.ended(), 0);
    assertMatch(terminal.shown, /\^pushed 20000 jobs, 0 refused\r\n$/);
    await server.end("SIGTERM");
    await Deno.remove(file);
  },
});

Deno.test({
  name: `queue/server.ts tells in a terminal what is left while it is drained${suffix}`,
  ignore,
  async fn() {
    await using terminal = new Terminal(SERVER);
    const [, port] = await terminal.until(/:(\d+) \(lines\)/);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await connection.write(new TextEncoder().encode('{"job":"hello"}\n'));
    await connection.closeWrite();
    await new Response(connection.readable).text();
    await terminal.signal("SIGUSR1");
    await terminal.until(/\^draining: 1 jobs ready, 0 delayed, 0 reserved/);
    await terminal.signal("SIGTERM");
    assertEquals(await terminal.ended(), 0);
    // What is logged takes the place of the line.
    assertMatch(terminal.shown, /\^stopping ready=1/);
  },
});

Deno.test({
  name: `queue/work.ts tells in a terminal how many jobs run on${suffix}`,
  ignore,
  async fn() {
    const jobs = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(
      jobs,
      `import { defineJobs } from "${new URL("../../queue/mod.ts", import.meta.url)}";
      export default defineJobs({ slow: (_: unknown, ctx) => new Promise((resolve) => {
        console.error("begun");
        ctx.signal.addEventListener("abort", () => resolve(null));
      }) });`,
    );
    await using server = Program.start(SERVER);
    const [, line, beanstalk] = await server.line(/:(\d+) \(lines\), .*:(\d+) \(beanstalk\)/);
    await using terminal = new Terminal(
      ["queue/work.ts", jobs, "--in-process", "-c", "1", "--grace", "1", "--server"]
        .concat(`127.0.0.1:${beanstalk}`),
    );
    const pushed = await runProgram(["queue/push.ts", await jobFile(), "--server"]
      .concat(`127.0.0.1:${line}`));
    assertEquals([pushed.code, pushed.stderr], [0, "pushed 1 jobs, 0 refused\n"]);
    await terminal.until(/begun/);
    await terminal.signal("SIGTERM");
    await terminal.until(/stopping: 1 jobs run on, given back in 1 s/);
    assertEquals(await terminal.ended(), 0);
    await server.end("SIGTERM");
    await Deno.remove(jobs);
  },
});

async function jobFile(): Promise<string> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, '{"job":"slow"}');
  return file;
}

Deno.test({
  name: `queue/compact.ts gives back what jobs took that are gone, and keeps the others${suffix}`,
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/queue.db`;
    const body = new Uint8Array(1000).fill(65);
    {
      await using store = await KvJobStore.open({ path });
      await store.pushMany(Array.from({ length: 3000 }, () => ({ body })));
      for (let done = 0; done < 2990;) {
        const jobs = await store.reserve({ tubes: ["default"], max: Math.min(500, 2990 - done) });
        await Promise.all(jobs.map((job) => store.complete(job)));
        done += jobs.length;
      }
      const busy = await runProgram(["queue/compact.ts", path]);
      assertEquals(busy.code, 1);
      assertMatch(busy.stderr, /^Cannot [^\n]*\n$|^error: Cannot [^\n]*\n$/);
    }
    const before = (await Deno.stat(path)).size;
    await using terminal = new Terminal(["queue/compact.ts", `kv:${path}`]);
    assertEquals(await terminal.ended(), 0);
    assertMatch(terminal.shown, /\^compacting [\d.]+ MiB: reading, 0 s/);
    assertStringIncludes(terminal.shown, `compacted ${path} from`);
    assertEquals((await Deno.stat(path)).size < before / 4, true);
    await using store = await KvJobStore.open({ path });
    assertEquals(store.stats().ready, 10);
    await store[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("programs write no progress where no terminal is", async () => {
  const file = await jobFile();
  await using server = Program.start(SERVER);
  const [, port] = await server.line(/:(\d+) \(lines\)/);
  const pushed = await runProgram(["queue/push.ts", file, "--server", `127.0.0.1:${port}`]);
  assertEquals((pushed.stderr + pushed.stdout).includes(ANEW), false);
  for (const args of [["queue/push.ts"], ["queue/push.ts", "/nowhere"], ["queue/compact.ts"]]) {
    const { code, stderr } = await runProgram(args);
    assertEquals([code, stderr.split("\n").length], [2, 2], stderr);
  }
  const bad = await runProgram(["queue/compact.ts", "/nowhere/queue.db"]);
  assertMatch(bad.stderr, /as there is no such file\n$/);
  await server.end("SIGTERM");
});
