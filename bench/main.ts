/**
 * Runs the benchmarks one after the other: `deno task bench [NAME]…`, where `loop` stands for
 * `bench/loop_bench.ts`. Each prints its own figures.
 *
 * @module
 */

const SUFFIX = "_bench.ts";

/** The names of all benchmarks, sorted. */
async function benchmarks(folder: URL): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(SUFFIX)) names.push(name.slice(0, -SUFFIX.length));
  }
  return names.sort();
}

if (import.meta.main) {
  const folder = new URL(".", import.meta.url);
  const all = await benchmarks(folder);
  const chosen = Deno.args.length > 0 ? Deno.args : all;
  const unknown = chosen.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no benchmark ${unknown}: there are ${all.join(", ")}`);
    Deno.exit(2);
  }
  let failed = false;
  for (const name of chosen) {
    console.log(`\n## ${name}\n`);
    const args = ["run", "-A", new URL(`${name}${SUFFIX}`, folder).href];
    failed = !(await new Deno.Command(Deno.execPath(), { args }).spawn().status).success || failed;
  }
  Deno.exit(failed ? 1 : 0);
}
