import { StoreError } from "../../store_error.ts";
import type { EventLoop } from "../../../loop/mod.ts";
import { MoveChange } from "./changes.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import type { KvRecord } from "./kv_record.ts";
import { decodeLedger } from "./ledger_codec.ts";
import type { Segment } from "./segment.ts";
import type { SegmentIndex } from "./segment_index.ts";
import type { SequenceState } from "./sequence.ts";

const LIST_BATCH = 1000;

/** What a recovery works on. */
export interface RecoveryParts {
  loop: EventLoop;
  kv: KvDatabase;
  keys: KeySpace;
  index: SegmentIndex;
}

/**
 * Reads what is known of all segments.
 *
 * @returns The highest numbers in use.
 */
export async function readLedgers(parts: RecoveryParts): Promise<SequenceState> {
  const { kv, keys, index } = parts;
  let [ids, seqs] = [0, 0];
  for await (const entry of kv.list({ prefix: keys.ledgers }, { batchSize: LIST_BATCH })) {
    const seq = entry.key.at(-1) as number;
    const segment = decodeLedger(entry.value, seq);
    if (segment === null) {
      const message = `Cannot open job store as what is known of segment ${seq} is damaged`;
      throw new StoreError(message, { code: "corrupt" });
    }
    seqs = Math.max(seqs, seq);
    ids = Math.max(ids, segment.maxId);
    const { tally } = index.tubes.open(segment.tube);
    for (const each of [tally, index.tubes.tally]) {
      each[segment.state] += segment.live;
      if (segment.state === "ready") each.urgent += segment.urgent;
    }
    index.add(segment, null);
  }
  return { ids, seqs };
}

/**
 * Gives back the jobs that workers had when the store was last closed, as an
 * attempt that was lost; those whose attempts are used up are buried.
 */
export async function giveBack(
  { index, keys, loop }: RecoveryParts,
  committer: Committer,
): Promise<void> {
  for (const tube of index.tubes.names()) {
    const { ready, delayed, buried } = index.tubes.open(tube).content;
    for (const line of [ready, delayed, buried]) {
      for (const segment of [...line.segments.values()]) {
        if (segment.started?.empty === false) await giveBackSegment(segment);
      }
    }
  }

  async function giveBackSegment(segment: Segment): Promise<void> {
    const jobs = segment.jobs ?? await index.load(segment);
    const started = jobs.filter((each) => segment.started!.has(each.index));
    await Promise.all(started.map((record) => move(record)));
  }

  function move(record: KvRecord): Promise<void> {
    const next = record.copy();
    const wasIn = record.state;
    next.attempts++;
    next.crashes++;
    next.timeouts++;
    next.note("crashed", loop.wallNow());
    next.expiresAt = 0;
    next.readyAt = 0;
    next.state = next.exhausted ? "buried" : "ready";
    if (next.exhausted) {
      next.buries++;
      next.key = undefined;
      next.reason = `Given up after ${next.attempts} attempts, the last of which ended in a crash`;
      next.note("buried", loop.wallNow(), next.reason);
    }
    index.pull(record);
    return new Promise((resolve, failed) => {
      const committed = (): void => {
        index.tubes.leave(record, wasIn);
        index.tubes.enter(next, next.state);
        index.tubes.count(next.tube, "timeouts");
        if (next.state === "buried") index.tubes.count(next.tube, "buries");
        resolve();
      };
      committer.submit(new MoveChange(record, next, { keys, committed, failed }));
    });
  }
}
