import { Heap } from "../heap.ts";
import type { Segment, SegmentState } from "./segment.ts";

/** Segments with a value smaller than this are merged when there are many. */
const SMALL_BYTES = 4096;

const ORDERS: Record<SegmentState, (a: Segment, b: Segment) => boolean> = {
  ready: (a, b) =>
    a.headPriority < b.headPriority ||
    (a.headPriority === b.headPriority && (a.headId < b.headId ||
      (a.headId === b.headId && a.seq < b.seq))),
  delayed: (a, b) => a.headAt < b.headAt || (a.headAt === b.headAt && a.seq < b.seq),
  buried: (a, b) => a.rank < b.rank || (a.rank === b.rank && a.seq < b.seq),
};

/** The segments of a tube in one state, in the order in which their first jobs are to be taken. */
export class Line {
  readonly segments: Heap<Segment>;
  readonly #state: SegmentState;
  #small: Segment[] = [];

  /**
   * @param state The state.
   */
  constructor(state: SegmentState) {
    this.#state = state;
    this.segments = new Heap<Segment>(ORDERS[state]);
  }

  /** Puts a segment in. */
  add(segment: Segment): void {
    this.segments.add(segment);
    this.note(segment);
  }

  /** Looks whether a segment is small. */
  note(segment: Segment): void {
    if (segment.listed) return;
    const size = segment.bytes * segment.live / segment.count;
    if (size < SMALL_BYTES) {
      segment.listed = true;
      this.#small.push(segment);
    } else if (this.#state === "buried") {
      // Only neighbours can be merged, as the order is that of the segments.
      this.#small = [];
    }
  }

  /** Small segments that may be merged, when there are `count` of them; otherwise none. */
  takeSmall(count: number): Segment[] {
    if (this.#small.length < count) return [];
    const idle = this.#small.filter((each) => each.place >= 0 && each.idle);
    this.#small = [];
    if (2 * idle.length >= count) return idle;
    this.#small = idle;
    return [];
  }
}
