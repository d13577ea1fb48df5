import type { EventLoop } from "../../../loop/mod.ts";
import type { StoreClock } from "../store_clock.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import type { SegmentIndex } from "./segment_index.ts";

/** What pauses work on. */
export interface PauseParts {
  loop: EventLoop;
  clock: StoreClock;
  kv: KvDatabase;
  keys: KeySpace;
  index: SegmentIndex;
  committer: Committer;
  /** Told of a tube that gives jobs out again. */
  onEnd: (tube: string) => void;
}

/** The tubes that give no job out for a while, also after a restart. */
export class Pauses {
  readonly #parts: PauseParts;

  /**
   * @param parts See {@linkcode PauseParts}.
   */
  constructor(parts: PauseParts) {
    this.#parts = parts;
  }

  /** Pauses a tube; for 0 milliseconds, ends its pause. */
  async pause(name: string, durationMs: number): Promise<void> {
    const { clock, keys, committer, index } = this.#parts;
    const until = clock.now() + durationMs;
    await committer.write((batch) => {
      if (durationMs > 0) batch.set(keys.pause(name), until);
      else batch.delete(keys.pause(name));
    });
    index.tubes.open(name).pauses++;
    this.#begin(name, durationMs);
  }

  /** Goes on with the pauses that a store had when it was last in use. */
  async read(): Promise<void> {
    const { clock, kv, keys } = this.#parts;
    for await (const { key, value } of kv.list({ prefix: keys.pauses })) {
      const leftMs = Number(value) - clock.now();
      if (leftMs > 0) this.#begin(String(key.at(-1)), leftMs);
    }
  }

  #begin(name: string, durationMs: number): void {
    const { loop, index, onEnd } = this.#parts;
    const tube = index.tubes.open(name);
    tube.pauseMs = durationMs;
    tube.pausedUntil = durationMs > 0 ? loop.now() + durationMs : 0;
    const end = (): void => {
      onEnd(name);
      index.tubes.prune(name, loop);
    };
    if (durationMs <= 0) end();
    else if (durationMs !== Infinity) loop.callLater(durationMs, end);
  }
}
