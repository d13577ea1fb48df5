import type { EventLoop } from "../../../loop/mod.ts";
import type { StoreError } from "../../store_error.ts";
import type { JobOutcome } from "../../stored_job.ts";
import type { JobRecord } from "../job_record.ts";
import type { Shelf } from "../shelf.ts";
import type { Bodies } from "./bodies.ts";
import { EndChange, MoveChange, StartChange } from "./changes.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvRecord } from "./kv_record.ts";
import type { SegmentIndex } from "./segment_index.ts";

const RETRY_MS = 1000;
const NO_BODY = new Uint8Array();

/** What a shelf works on. */
export interface ShelfParts {
  loop: EventLoop;
  keys: KeySpace;
  index: SegmentIndex;
  committer: Committer;
  bodies: Bodies;
}

/** Gives the reserve desk the jobs of an index, and commits what becomes of them. */
export class KvShelf implements Shelf {
  readonly #parts: ShelfParts;

  /**
   * @param parts See {@linkcode ShelfParts}.
   */
  constructor(parts: ShelfParts) {
    this.#parts = parts;
  }

  popReady(tube: string): KvRecord | undefined {
    return this.#parts.index.popReady(tube);
  }

  peekReady(tube: string): { readonly priority: number; readonly id: number } | undefined {
    return this.#parts.index.peekReady(tube);
  }

  loading(tubes: readonly string[]): Promise<unknown> | null {
    return this.#parts.index.loading(tubes);
  }

  putBack(record: KvRecord): void {
    if (record.chunks !== null) record.body = NO_BODY;
    this.#parts.index.putBack(record);
  }

  read(records: readonly KvRecord[]): Promise<void> | null {
    return this.#parts.bodies.read(records);
  }

  start(records: readonly KvRecord[], isAwaited: boolean): Promise<void> | null {
    const { committer, keys } = this.#parts;
    if (isAwaited) {
      return new Promise((committed, failed) => {
        committer.submit(new StartChange(records, { keys, committed, failed }));
      });
    }
    // Without a word that it began, an attempt that a crash ends is not counted: no more than that.
    const ignore = (): void => {};
    committer.submitUnhurried(
      new StartChange(records, { keys, committed: ignore, failed: ignore }),
    );
    return null;
  }

  end(record: KvRecord, outcome: JobOutcome, applied: () => void): Promise<void> {
    const { committer, keys } = this.#parts;
    return new Promise((resolve, failed) => {
      const committed = (): void => {
        applied();
        this.#sweep(record);
        resolve();
      };
      committer.submit(new EndChange(record, outcome, { keys, committed, failed }));
    });
  }

  discard(record: KvRecord): void {
    // Until it is gone, nobody may find it.
    const { promise, resolve } = Promise.withResolvers<void>();
    record.changing = promise;
    this.#discard(record, resolve);
  }

  move(record: KvRecord, next: KvRecord, applied: () => void): Promise<void> {
    const { committer, keys } = this.#parts;
    if (next.chunks !== null) next.body = NO_BODY;
    return new Promise((resolve, failed) => {
      const committed = (): void => {
        applied();
        resolve();
      };
      committer.submit(new MoveChange(record, next, { keys, committed, failed }));
    });
  }

  #discard(record: KvRecord, resolve: () => void): void {
    const { committer, keys, loop } = this.#parts;
    const committed = (): void => {
      this.#sweep(record);
      resolve();
    };
    const failed = (error: StoreError): void => {
      if (error.code === "failed") loop.callLater(RETRY_MS, () => this.#discard(record, resolve));
      else resolve();
    };
    committer.submit(new EndChange(record, { state: "expired" }, { keys, committed, failed }));
  }

  #sweep({ chunks }: JobRecord & Pick<KvRecord, "chunks">): void {
    if (chunks !== null) this.#parts.bodies.sweep(chunks);
  }
}
