/**
 * All modules on one machine as real programs, under mixed load, with random kills, pauses, clock
 * jumps, full disks and bad networks; every guarantee is checked from outside.
 * `deno task chaos [--minutes 60] [--seed N] [--rest SECONDS] [--keep]`
 *
 * SIGINT and SIGTERM end it early, with a verdict. Linux only. Disks get full when it runs as root, clocks jump when libfaketime is installed; what
 * can't be is skipped, and said. Exit codes: 0 all guarantees kept, 1 one was broken, 2 wrong flags.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { Chaos } from "./chaos.ts";

const flags = parseArgs(Deno.args, {
  string: ["minutes", "seed", "rest"],
  boolean: ["keep"],
  unknown: (arg) => fail(`Cannot use ${arg}`),
});
const minutes = Number(flags.minutes ?? 60);
const seed = Number(flags.seed ?? Math.floor(Math.random() * 1e9));
const rest = Number(flags.rest ?? 15);
if (!(minutes > 0 && rest >= 0 && Number.isSafeInteger(seed))) {
  fail("Cannot run as --minutes, --rest and --seed must be numbers");
}
if (Deno.build.os !== "linux") fail("Cannot run but on Linux, as it reads /proc");

const folder = await Deno.makeTempDir({ prefix: "sluice_chaos_" });
console.log(`seed ${seed}, ${minutes} min, logs in ${folder}`);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => stop.abort());
}
let isKept = true;
{
  await using chaos = await Chaos.start({
    seed,
    folder,
    durationMs: minutes * 60_000,
    restMs: rest * 1000,
    print: (line) => console.log(line),
    signal: stop.signal,
  });
  const verdicts = await chaos.run();
  for (const { text, holds, evidence = [] } of verdicts) {
    console.log(`${holds ? "ok    " : "FAILED"} ${text}`);
    if (!holds) { for (const line of evidence) console.log(`         ${line}`); }
  }
  isKept = verdicts.every(({ holds }) => holds);
}
if (isKept && !flags.keep) await Deno.remove(folder, { recursive: true });
Deno.exit(isKept ? 0 : 1);

function fail(message: string): never {
  console.error(message);
  Deno.exit(2);
}
