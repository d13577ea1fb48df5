import type { RandomSource } from "../../loop/mod.ts";
import type { ChaosProgram } from "./chaos_program.ts";
import type { Harm } from "./fault_log.ts";
import type { FaultLog } from "./fault_log.ts";

/** A guarantee, and whether it was kept. */
export interface Verdict {
  /** The guarantee, with what was counted. */
  readonly text: string;
  readonly holds: boolean;
  /** What broke it, at most a few examples. */
  readonly evidence?: readonly string[];
}

/** Something that can go wrong. */
export interface Fault {
  /** What it is called in the report. */
  readonly what: string;
  /** What it may do to those whom it hits. */
  readonly harm: Harm;
  /** Lets it happen, and makes good again what doesn't by itself. */
  run(random: RandomSource): Promise<void>;
}

/** What all scenes share. */
export interface Stage {
  readonly random: RandomSource;
  readonly log: FaultLog;
  /** A folder for logs and other files. */
  readonly folder: string;
  /** The folder that a store is to be in: its disk may get full. */
  readonly disk: string;
  /** Environment of a scene's programs. */
  env(scene: string): Record<string, string>;
  /** Whether the disk is full, or was a moment ago. */
  isDiskFull(): boolean;
  /** Waits until no fault is at a scene. */
  calm(scene: string): Promise<void>;
  /** A port that nobody uses, the same over restarts. */
  port(): number;
}

/** A module of the package: its programs, what uses them, and what was promised. */
export interface Scene extends AsyncDisposable {
  readonly name: string;
  readonly programs: readonly ChaosProgram[];
  readonly faults: readonly Fault[];
  /** Starts its programs and what uses them. */
  start(): Promise<void>;
  /** What was done so far, in a few words. */
  describe(): string;
  /** No fault comes any more: ends the load, waits until all is done, and judges. */
  conclude(): Promise<Verdict[]>;
}
