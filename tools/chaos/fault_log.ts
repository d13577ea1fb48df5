import { uptimeMs } from "./uptime.ts";

/** A fault, and when it was there. */
export interface LoggedFault {
  /** What it was. */
  readonly what: string;
  /** Whom it hit. */
  readonly scenes: readonly string[];
  /** What it may do to those whom it hits. */
  readonly harm: Harm;
  readonly fromMs: number;
  toMs: number;
}

/**
 * What a fault may do: `kill` loses what a process is at, `network` what is under way, `disk` lets
 * nothing be stored, `pause` makes late, and `none` must be borne as though it were not there.
 */
export type Harm = "kill" | "network" | "disk" | "pause" | "none";

/** Which faults there were, and when: what may go wrong, may do so only then. */
export class FaultLog {
  readonly #faults: LoggedFault[] = [];

  /** How many there were. */
  get size(): number {
    return this.#faults.length;
  }

  /** How many there were by their names. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { what } of this.#faults) counts.set(what, (counts.get(what) ?? 0) + 1);
    return counts;
  }

  /** A fault begins; it ends when what is returned is disposed. */
  begin(fault: Pick<LoggedFault, "what" | "scenes" | "harm">): Disposable {
    const logged: LoggedFault = { ...fault, fromMs: uptimeMs(), toMs: Infinity };
    this.#faults.push(logged);
    return { [Symbol.dispose]: () => void (logged.toMs = uptimeMs()) };
  }

  /** Whether a fault that could do harm of such a kind overlapped a time. */
  excuses(scene: string, time: { fromMs: number; toMs: number; harms: readonly Harm[] }): boolean {
    // The latest are what is asked for.
    return this.#faults.findLast((fault) =>
      fault.scenes.includes(scene) && time.harms.includes(fault.harm) &&
      fault.fromMs <= time.toMs && fault.toMs >= time.fromMs
    ) !== undefined;
  }
}
