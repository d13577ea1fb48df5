/** Milliseconds of a tick of the kernel's accounting. */
const TICK_MS = 10;

/**
 * Processor time so far of a process and of all that descend from it, in milliseconds by thread;
 * Linux only. What ends meanwhile is left out.
 */
export function threadTimes(pid: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const thread of threadsOf(pid)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const stat = read(`${folder}/stat`);
    // Behind the name, which may hold anything, user and system time are the 12th and 13th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields.length > 12) times.set(thread, (Number(fields[11]) + Number(fields[12])) * TICK_MS);
    for (const child of read(`${folder}/children`).split(" ").filter(Boolean)) {
      for (const [each, ms] of threadTimes(Number(child))) times.set(each, ms);
    }
  }
  return times;
}

function threadsOf(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The text of a file, which is empty when there is none, or its process is going. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return "";
    throw error;
  }
}
