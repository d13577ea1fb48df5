import type { ChaosProgram } from "./chaos_program.ts";
import type { TreeSample } from "./process_tree.ts";
import type { Verdict } from "./scene.ts";

/** By how much a program may grow from the second quarter of the run to the last one. */
const MAX_GROWTH_KIB = 65_536;
const MAX_NEW_DESCRIPTORS = 16;

interface Sample extends TreeSample {
  /** Which start of the program it is of. */
  start: number;
}

/** Watches what programs hold. */
export class Resources {
  readonly #samples = new Map<ChaosProgram, Sample[]>();

  /** Samples all of them; returns the memory in MiB and the processor time in ms of all. */
  sample(programs: readonly ChaosProgram[]): { mebibytes: number; busyMs: number } {
    let residentKib = 0;
    let busyMs = 0;
    for (const program of programs) {
      const samples = this.#samples.get(program) ?? [];
      this.#samples.set(program, samples);
      const sample = { ...program.sample(), start: program.starts };
      const before = samples.at(-1);
      residentKib += sample.residentKib;
      busyMs += Math.max(0, sample.cpuMs - (before?.start === sample.start ? before.cpuMs : 0));
      // What is just starting or gone says nothing of what it holds.
      if (program.isReady && sample.processes > 0) samples.push(sample);
    }
    return { mebibytes: Math.round(residentKib / 1024), busyMs };
  }

  /** Whether memory and descriptors stayed in their bounds. */
  judge(): Verdict[] {
    const of = (name: "residentKib" | "descriptors", most: number): string[] =>
      [...this.#samples].flatMap(([program, samples]) => {
        const [early, late] = quarters(samples.map((sample) => sample[name]));
        return late <= early + most ? [] : [`${program.name}: ${name} from ${early} to ${late}`];
      });
    const grown = of("residentKib", MAX_GROWTH_KIB);
    const leaking = of("descriptors", MAX_NEW_DESCRIPTORS);
    return [
      { text: "the memory of all programs is bounded", holds: grown.length === 0, evidence: grown },
      { text: "no program leaks descriptors", holds: leaking.length === 0, evidence: leaking },
    ];
  }

  /** What each program held, at most and in the end. */
  lines(): string[] {
    return [...this.#samples].map(([{ name, starts }, samples]) => {
      const most = Math.max(...samples.map(({ residentKib }) => residentKib));
      const [, memory] = quarters(samples.map(({ residentKib }) => residentKib));
      const [, descriptors] = quarters(samples.map(({ descriptors }) => descriptors));
      return `${name}: started ${starts} times, ${mib(memory)} MiB (${mib(most)} at most), ` +
        `${descriptors} descriptors`;
    });
  }
}

function mib(kib: number): number {
  return Math.round(kib / 1024);
}

/** The medians of the second and the last quarter. */
function quarters(numbers: number[]): [early: number, late: number] {
  const size = Math.max(1, numbers.length >> 2);
  return [median(numbers.slice(size, 2 * size)), median(numbers.slice(-size))];
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
