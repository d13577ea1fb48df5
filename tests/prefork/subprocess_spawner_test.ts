import { assert, assertEquals } from "@std/assert";
import { EventLoop } from "../../loop/mod.ts";
import { FrameKind } from "../../prefork/_frame.ts";
import type { ProcessEvents, ProcessExit } from "../../prefork/mod.ts";
import { SubprocessSpawner } from "../../prefork/_subprocess_spawner.ts";

/** Collects what a process does until it ends. */
class Witness implements ProcessEvents {
  readonly lines: string[] = [];
  readonly frames: string[] = [];
  readonly faults: string[] = [];
  readonly #ended = Promise.withResolvers<ProcessExit>();

  get ended(): Promise<ProcessExit> {
    return this.#ended.promise;
  }

  onFrame = (kind: FrameKind, payload: Uint8Array): void => {
    this.frames.push(`${kind} ${new TextDecoder().decode(payload)}`);
  };

  onFault = (fault: string): void => {
    this.faults.push(fault);
  };

  onLine = (stream: string, line: string): void => {
    this.lines.push(`${stream} ${line}`);
  };

  onExit = (exit: ProcessExit): void => this.#ended.resolve(exit);
}

function evalCommand(code: string): { file: string; args: string[]; env: Record<string, string> } {
  return {
    file: Deno.execPath(),
    args: ["eval", code],
    env: { ...Deno.env.toObject(), ANSWER: "42" },
  };
}

async function run(code: string): Promise<{ witness: Witness; exit: ProcessExit }> {
  await using loop = new EventLoop({ poller: "portable" });
  const witness = new Witness();
  new SubprocessSpawner(loop).spawn(evalCommand(code), witness);
  return { witness, exit: await witness.ended };
}

Deno.test("SubprocessSpawner.spawn() tells all lines before the end", async () => {
  const { witness, exit } = await run(
    'for (let i = 0; i < 2000; i++) console.log(i); console.error(Deno.env.get("ANSWER")); Deno.exit(3);',
  );
  assertEquals(exit, { code: 3, signal: null });
  assertEquals(witness.lines.length, 2001);
  assert(witness.lines.includes("stdout 1999"));
  assert(witness.lines.includes("stderr 42"));
});

Deno.test("SubprocessSpawner.spawn() doesn't wait for output that a grandchild holds open", async () => {
  const { exit, witness } = await run(
    'const child = new Deno.Command("sleep", { args: ["1000"] }).spawn(); console.log(child.pid); Deno.exit(0);',
  );
  assertEquals(exit.code, 0);
  Deno.kill(Number(witness.lines[0].split(" ")[1]), "SIGKILL");
});

Deno.test("SubprocessSpawner.spawn() connects a channel at descriptor 3", async () => {
  const { witness } = await run(`
    const { Socket } = await import("node:net");
    const channel = new Socket({ fd: 3 });
    const frame = new Uint8Array([2, 0, 0, 0, 1, 104, 105]);
    channel.write(frame.subarray(0, 4));
    setTimeout(() => channel.write(frame.subarray(4), () => Deno.exit(0)), 5);
  `);
  assertEquals([witness.frames, witness.faults], [["1 hi"], []]);
});

Deno.test("SubprocessSpawner.spawn() reports a process that speaks nonsense", async () => {
  const { witness } = await run(`
    const { Socket } = await import("node:net");
    new Socket({ fd: 3 }).on("close", () => Deno.exit(0)).write(new Uint8Array(20).fill(255));
  `);
  assertEquals(witness.faults.length, 1);
});

Deno.test("SpawnedProcess.send() and kill() reach the process", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const witness = new Witness();
  const process = new SubprocessSpawner(loop).spawn(
    evalCommand(`
      const { Socket } = await import("node:net");
      const channel = new Socket({ fd: 3 });
      channel.once("data", (bytes) => channel.write(bytes));
      setInterval(() => {}, 1000);
    `),
    witness,
  );
  const echoed = new Promise<void>((resolve) => {
    const { onFrame } = witness;
    witness.onFrame = (kind, payload) => resolve(onFrame(kind, payload));
  });
  assertEquals(process.send(FrameKind.message, new TextEncoder().encode("ping")), true);
  await echoed;
  process.kill("SIGKILL");
  assertEquals(await witness.ended, { code: null, signal: "SIGKILL" });
  assertEquals(process.send(FrameKind.message, new Uint8Array(1)), false);
  process.kill("SIGKILL");
  assertEquals(witness.frames, ["1 ping"]);
});

Deno.test("SpawnedProcess.kill() sends each signal, and tells the true end", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const witness = new Witness();
  const process = new SubprocessSpawner(loop).spawn(
    evalCommand(`
      let left = 2;
      Deno.addSignalListener("SIGTERM", () => {
        console.log("not yet");
        if (--left === 0) Deno.exit(5);
      });
      console.log("up");
      setInterval(() => {}, 1000);
    `),
    witness,
  );
  const printed = Promise.withResolvers<void>();
  witness.onLine = (_, line) => {
    witness.lines.push(line);
    process.kill("SIGTERM");
    if (witness.lines.length === 3) printed.resolve();
  };
  await printed.promise;
  assertEquals(await witness.ended, { code: 5, signal: null });
  assertEquals(witness.lines, ["up", "not yet", "not yet"]);
});

Deno.test("SubprocessSpawner.spawn() tells when there is no such executable", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  const witness = new Witness();
  new SubprocessSpawner(loop).spawn({ file: "/nowhere/deno", args: [], env: {} }, witness);
  assertEquals((await witness.ended).code, 127);
  assert(witness.lines[0].includes("ENOENT"), witness.lines[0]);
});
