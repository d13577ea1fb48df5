import { assertEquals, assertRejects } from "@std/assert";
import type { JobContext } from "../../queue/mod.ts";
import { JobProcessError } from "../../queue/job_process_error.ts";
import type { ToProcess } from "../../queue/process_message.ts";
import { type JobProcess, ProcessPool } from "../../queue/process_pool.ts";

class FakeProcess implements JobProcess {
  readonly told: ToProcess[] = [];
  readonly killed: string[] = [];
  readonly pid: number;
  willing = true;

  constructor(pid: number) {
    this.pid = pid;
  }

  send(message: ToProcess): void {
    this.told.push(message);
  }

  kill(why: string): void {
    this.killed.push(why);
  }
}

function context(id: number, controller = new AbortController()): JobContext & { told: unknown[] } {
  const told: unknown[] = [];
  return {
    id,
    name: "job",
    attempt: 1,
    maxAttempts: 5,
    signal: controller.signal,
    told,
    progress: (value) => void told.push({ progress: value }),
    touch: () => void told.push("touch"),
    release: (options) => void told.push({ release: options }),
    bury: (reason) => void told.push({ bury: reason }),
  };
}

const body = { job: "job", data: 1 };
const turn = (): Promise<void> => Promise.resolve().then(() => undefined);

Deno.test("ProcessPool.run() gives each process one job at a time", async () => {
  const pool = new ProcessPool();
  const [a, b] = [new FakeProcess(1), new FakeProcess(2)];
  pool.receive(a, { kind: "ready" });
  pool.receive(b, { kind: "ready" });
  const runs = [1, 2, 3].map((id) => pool.run(body, context(id)));
  await turn();
  const idsOf = ({ told }: FakeProcess): number[] => told.map((message) => message.id);
  assertEquals([idsOf(a), idsOf(b)], [[1], [2]]);
  pool.receive(b, { kind: "done", id: 2, result: "7" });
  assertEquals(await runs[1], "7");
  assertEquals(idsOf(b), [2, 3]);
  pool.receive(b, { kind: "done", id: 3 });
  pool.receive(a, { kind: "failed", id: 1, name: "TypeError", message: "no", isHopeless: true });
  const error = await assertRejects(() => runs[0], JobProcessError, "no");
  assertEquals([error.name, error.how, error.isHopeless], ["TypeError", "thrown", true]);
  assertEquals(await runs[2], undefined);
});

Deno.test("ProcessPool.run() leaves processes alone that have to go", async () => {
  const pool = new ProcessPool();
  const leaving = new FakeProcess(1);
  leaving.willing = false;
  pool.receive(leaving, { kind: "ready" });
  const run = pool.run(body, context(1));
  await turn();
  assertEquals(leaving.told, []);
  const other = new FakeProcess(2);
  pool.receive(other, { kind: "ready" });
  await turn();
  pool.receive(other, { kind: "done", id: 1 });
  assertEquals(await run, undefined);
});

Deno.test("ProcessPool.run() rejects when it is aborted before a process is free", async () => {
  const controller = new AbortController();
  const run = new ProcessPool().run(body, context(1, controller));
  controller.abort(new DOMException("late", "TimeoutError"));
  await assertRejects(() => run, DOMException, "late");
});

Deno.test("ProcessPool.lose() fails the job of a process that has ended", async () => {
  const pool = new ProcessPool();
  const process = new FakeProcess(1);
  pool.receive(process, { kind: "ready" });
  const run = pool.run(body, context(1));
  await turn();
  pool.lose(1, "it exited with code 9");
  const error = await assertRejects(() => run, JobProcessError, "it exited with code 9");
  assertEquals([error.how, pool.size], ["ended", 0]);
});

Deno.test("ProcessPool.kill() kills the process that runs the job, and no other", async () => {
  const pool = new ProcessPool();
  const process = new FakeProcess(1);
  pool.receive(process, { kind: "ready" });
  const run = pool.run(body, context(5));
  await turn();
  assertEquals([pool.kill(6), process.killed.length], [false, 0]);
  assertEquals([pool.kill(5), process.killed.length], [true, 1]);
  pool.lose(1, "it was ended by SIGKILL");
  const error = await assertRejects(() => run, JobProcessError, "was killed");
  assertEquals(error.how, "killed");
});

Deno.test("ProcessPool passes on what a job asks for, and that it is aborted", async () => {
  const pool = new ProcessPool();
  const process = new FakeProcess(1);
  pool.receive(process, { kind: "ready" });
  const controller = new AbortController();
  const ctx = context(1, controller);
  const run = pool.run(body, ctx);
  await turn();
  pool.receive(process, { kind: "touch", id: 1 });
  pool.receive(process, { kind: "progress", id: 1, value: 0.5 });
  pool.receive(process, { kind: "bury", id: 1, reason: "why" });
  pool.receive(process, { kind: "progress", id: 2, value: 1 });
  assertEquals(ctx.told, ["touch", { progress: 0.5 }, { bury: "why" }]);
  controller.abort(new DOMException("late", "TimeoutError"));
  const abort = { kind: "abort", id: 1, name: "TimeoutError", message: "late" } as const;
  assertEquals(process.told.at(-1), abort);
  pool.receive(process, { kind: "done", id: 1 });
  await run;
});
