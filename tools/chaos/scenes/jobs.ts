/**
 * The jobs of the chaos run: each writes down when it begins and how it ends, which a process that
 * is killed right afterwards can't take back.
 *
 * @module
 */
import { defineJobs, type JobContext } from "../../../queue/mod.ts";
import { sleep, uptimeMs } from "../uptime.ts";

/** What a job of the chaos run is to do. */
export interface ChaosJob {
  /** Its number. */
  id: number;
  /** How long it takes. */
  ms: number;
  /** Whether it succeeds, does so at its second attempt only, or never. */
  kind: "plain" | "flaky" | "doomed";
}

const file = Deno.env.get("SLUICE_CHAOS_JOBS");

function note(id: number, what: "begin" | "end" | "fail"): void {
  if (file === undefined) return;
  Deno.writeTextFileSync(file, `${id} ${what} ${Math.round(uptimeMs())}\n`, { append: true });
}

export default defineJobs({
  chaos: async ({ id, ms, kind }: ChaosJob, ctx: JobContext): Promise<void> => {
    note(id, "begin");
    await sleep(ms);
    const fails = kind === "doomed" || (kind === "flaky" && ctx.attempt === 1);
    note(id, fails ? "fail" : "end");
    if (fails) throw new TypeError("This attempt was to fail");
  },
});
