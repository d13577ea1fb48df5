/** What a process holds, with all that it has started. */
export interface TreeSample {
  /** Processes. */
  processes: number;
  /** Resident memory in KiB. */
  residentKib: number;
  /** Open descriptors. */
  descriptors: number;
  /** Processor time so far, in milliseconds. */
  cpuMs: number;
}

/** Milliseconds of a tick of the kernel's accounting. */
const TICK_MS = 10;

/** A process and all that it has started, itself first. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const pid of processes()) {
    const fields = statFields(pid);
    if (fields !== null) parents.set(pid, Number(fields[1]));
  }
  const tree = [root];
  for (const member of tree) {
    for (const [pid, parent] of parents) if (parent === member) tree.push(pid);
  }
  return tree;
}

/** Processes that have a variable in their environment, those that have just ended left aside. */
export function processesWith(variable: string): number[] {
  return processes().filter((pid) => {
    if (pid === Deno.pid || !isAlive(pid)) return false;
    return read(`/proc/${pid}/environ`)?.split("\0").includes(variable) ?? false;
  });
}

/** Whether a process runs; one that has ended and was not yet waited for doesn't. */
export function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Reads what a process and all that it has started hold; nothing when there is none. */
export function sampleTree(root: number | null): TreeSample {
  const sample = { processes: 0, residentKib: 0, descriptors: 0, cpuMs: 0 };
  for (const pid of root === null ? [] : processTree(root)) {
    const fields = statFields(pid);
    const status = read(`/proc/${pid}/status`);
    if (fields === null || status === null) continue;
    sample.processes++;
    sample.residentKib += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    sample.descriptors += countEntries(`/proc/${pid}/fd`);
    sample.cpuMs += (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  return sample;
}

function processes(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

/** The fields behind the name of a process, which may hold anything: first is its state. */
function statFields(pid: number): string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function countEntries(folder: string): number {
  return look(() => [...Deno.readDirSync(folder)].length) ?? 0;
}

function read(path: string): string | null {
  return look(() => Deno.readTextFileSync(path));
}

/** A process may end while it is looked at, and those of the kernel tell little. */
function look<T>(at: () => T): T | null {
  try {
    return at();
  } catch {
    return null;
  }
}
