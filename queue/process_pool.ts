import type { JobBody } from "./job_body.ts";
import type { JobContext } from "./job_context.ts";
import type { JobExecutor } from "./job_executor.ts";
import { JobProcessError } from "./job_process_error.ts";
import type { FromProcess, ToProcess } from "./process_message.ts";

/** A process that runs one job at a time, kept alive by a supervisor. */
export interface JobProcess {
  /** Its number in the system. */
  readonly pid: number;
  /** Whether it may be given a job: not when it has to go. */
  readonly willing: boolean;
  /** Tells the process something. */
  send(message: ToProcess): void;
  /** Ends the process at once. */
  kill(why: string): void;
}

/** A job that a process is running. */
interface Run {
  readonly ctx: JobContext;
  resolve(result: string | undefined): void;
  reject(error: JobProcessError): void;
}

/** A process of the pool. */
interface Member {
  readonly process: JobProcess;
  /** Whether a job is running in it, or about to. */
  taken: boolean;
  run: Run | null;
  /** Why it is being killed. */
  verdict: string | null;
}

/**
 * Runs each job in a process of a supervisor's. A job that does not heed its signal is killed
 * with its process, and one that kills its process fails alone.
 */
export class ProcessPool implements JobExecutor {
  readonly #members = new Map<number, Member>();
  readonly #waiting: ((member: Member) => void)[] = [];

  /** How many processes there are. */
  get size(): number {
    return this.#members.size;
  }

  /** A process has said something; the first time it joins the pool. */
  receive(process: JobProcess, message: FromProcess): void {
    if (message.kind === "ready") {
      const member = { process, taken: false, run: null, verdict: null };
      this.#members.set(process.pid, member);
      return this.#offer(member);
    }
    const member = this.#members.get(process.pid);
    if (member === undefined || member.run?.ctx.id !== message.id) return;
    this.#hear(member, member.run, message);
  }

  /** A process is gone, and with it the job that it was running. */
  lose(pid: number, how: string): void {
    const member = this.#members.get(pid);
    if (member === undefined) return;
    this.#members.delete(pid);
    const { run, verdict } = member;
    run?.reject(
      new JobProcessError(verdict ?? `The process of the job has ended: ${how}`, {
        how: verdict === null ? "ended" : "killed",
      }),
    );
  }

  /** Runs a job in an idle process, waiting for one if need be. */
  async run(body: JobBody, ctx: JobContext): Promise<string | undefined> {
    const member = await this.#idleMember(ctx.signal);
    // It may have ended just now, and then nobody would tell.
    if (!this.#members.has(member.process.pid)) {
      throw new JobProcessError("The process of the job has ended", { how: "ended" });
    }
    const { id, attempt, maxAttempts } = ctx;
    const abort = (): void => {
      const { name, message } = ctx.signal.reason as DOMException;
      member.process.send({ kind: "abort", id, name, message });
    };
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    ctx.signal.addEventListener("abort", abort, { once: true });
    try {
      member.run = { ctx, resolve, reject };
      member.process.send({ kind: "run", id, body, attempt, maxAttempts });
      return await promise;
    } finally {
      ctx.signal.removeEventListener("abort", abort);
    }
  }

  /** Kills the process that runs a job. */
  kill(id: number): boolean {
    for (const member of this.#members.values()) {
      if (member.run?.ctx.id !== id) continue;
      member.verdict ??= "The job went on although it was aborted, and was killed";
      member.process.kill(member.verdict);
      return true;
    }
    return false;
  }

  #hear(member: Member, { ctx, resolve, reject }: Run, message: FromProcess): void {
    switch (message.kind) {
      case "touch":
        return ctx.touch();
      case "progress":
        return ctx.progress(message.value);
      case "release":
        return ctx.release(message.options);
      case "bury":
        return ctx.bury(message.reason);
      case "done":
        this.#rest(member);
        return resolve(message.result);
      case "failed": {
        const { name, isHopeless } = message;
        this.#rest(member);
        reject(new JobProcessError(message.message, { how: "thrown", name, isHopeless }));
      }
    }
  }

  #rest(member: Member): void {
    member.run = null;
    member.taken = false;
    this.#offer(member);
  }

  #offer(member: Member): void {
    if (!member.process.willing) return;
    const take = this.#waiting.shift();
    if (take === undefined) return;
    member.taken = true;
    take(member);
  }

  #idleMember(signal: AbortSignal): Promise<Member> {
    for (const member of this.#members.values()) {
      if (member.taken || !member.process.willing || this.#waiting.length > 0) continue;
      member.taken = true;
      return Promise.resolve(member);
    }
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason);
      };
      const take = (member: Member): void => {
        signal.removeEventListener("abort", abort);
        resolve(member);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(take);
    });
  }
}
