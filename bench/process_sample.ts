/** What a process holds at a moment; Linux only. */
export interface ProcessSample {
  /** Resident memory in KiB. */
  residentKib: number;
  /** Open descriptors. */
  descriptors: number;
  /** Processor time so far, in milliseconds. */
  cpuMs: number;
}

/** Milliseconds of a tick of the kernel's accounting. */
const TICK_MS = 10;

/** Reads what a process holds. */
export function sampleProcess(pid: number): ProcessSample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything, user and system time are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    residentKib: Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
  };
}

/** Datagrams that the kernel has dropped as the sockets at these ports were full. */
export function droppedDatagrams(ports: readonly number[]): number {
  let dropped = 0;
  for (const file of ["/proc/net/udp", "/proc/net/udp6"]) {
    for (const line of Deno.readTextFileSync(file).trim().split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt(fields[1].slice(fields[1].lastIndexOf(":") + 1), 16);
      if (ports.includes(port)) dropped += Number(fields.at(-1));
    }
  }
  return dropped;
}
