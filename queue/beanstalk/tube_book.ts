import { DEFAULT_TUBE } from "../stored_job.ts";

/** What connections have to do with a tube. */
export interface TubeEntry {
  /** Connections that put into it. */
  using: number;
  /** Connections that watch it. */
  watching: number;
  /** Connections that wait for a job of it, among others. */
  waiting: number;
  /** Jobs put into it. */
  puts: number;
  /** Jobs of it that were deleted by command. */
  deletes: number;
}

/** The tubes that connections refer to; they exist even if they hold nothing. */
export class TubeBook {
  readonly #entries = new Map<string, TubeEntry>();
  readonly #isStored: (tube: string) => boolean;

  /**
   * @param isStored Whether the store has a tube.
   */
  constructor(isStored: (tube: string) => boolean) {
    this.#isStored = isStored;
    this.open(DEFAULT_TUBE);
  }

  /** The names of all tubes that are referred to. */
  names(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** What is known of a tube; `undefined` when nothing is. */
  find(tube: string): TubeEntry | undefined {
    return this.#entries.get(tube);
  }

  /** What is known of a tube, which is there from now on. */
  open(tube: string): TubeEntry {
    let entry = this.#entries.get(tube);
    if (entry === undefined) {
      entry = { using: 0, watching: 0, waiting: 0, puts: 0, deletes: 0 };
      this.#entries.set(tube, entry);
    }
    return entry;
  }

  /** Forgets a tube that nobody refers to and that holds nothing. */
  prune(tube: string): void {
    const entry = this.#entries.get(tube);
    if (entry === undefined || tube === DEFAULT_TUBE) return;
    if (entry.using + entry.watching === 0 && !this.#isStored(tube)) this.#entries.delete(tube);
  }
}
