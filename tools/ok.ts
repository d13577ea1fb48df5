/**
 * Everything that must hold before a change is merged, one step after another; a step that fails
 * doesn't keep the others from running. `SLUICE_OK_SKIP` names steps to leave out, separated by
 * commas.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

const entries = Object.values(config.exports);

const steps: Record<string, string[]> = {
  fmt: ["fmt", "--check"],
  lint: ["lint"],
  check: ["check", "--frozen", "."],
  layers: ["run", "-A", "tools/check_layers.ts"],
  doc: ["doc", "--lint", ...entries],
  test: ["task", "test"],
  publish: ["publish", "--dry-run", "--allow-dirty"],
};

/** Runs one step on the executable that runs this file; only a failure shows its output. */
async function passes(name: string, args: string[]): Promise<boolean> {
  const quiet = name !== "test";
  const start = performance.now();
  const output = quiet ? "piped" : "inherit";
  const command = new Deno.Command(Deno.execPath(), { args, stdout: output, stderr: output });
  const result = await command.output();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${result.success ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (quiet && !result.success) {
    await Deno.stdout.write(result.stdout);
    await Deno.stderr.write(result.stderr);
  }
  return result.success;
}

if (import.meta.main) {
  const skip = (Deno.env.get("SLUICE_OK_SKIP") ?? "").split(",").filter(Boolean);
  const unknown = skip.find((name) => !(name in steps));
  if (unknown !== undefined) {
    console.error(`SLUICE_OK_SKIP names no step: ${unknown}`);
    Deno.exit(2);
  }
  let ok = true;
  for (const [name, args] of Object.entries(steps)) {
    if (!skip.includes(name)) ok = await passes(name, args) && ok;
  }
  Deno.exit(ok ? 0 : 1);
}
