import { Errno } from "./errno.ts";
import { Completion, RingParameters, Submission } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { nativeWords, writeAddress } from "./native_memory.ts";
import { RingMemory } from "./ring_memory.ts";

/** Operations a call. */
const PLACES = 64;
const SETUP_CALL = 425;
const ENTER_CALL = 426;
/** Goes on behind an operation that is refused. */
const SUBMIT_ALL = 1 << 7;
/** One mapping for both rings (Linux 5.4), and what came along with 5.19. */
const FEATURES = 1 | 1 << 12;
const GET_EVENTS = 1;
const DONTWAIT_NOSIGNAL = 0x4040;
const SEND = 26;
const RECEIVE = 27;

/**
 * Sends and receives on many sockets in one call (io_uring). No operation
 * waits for its socket, so that all of them are done, and leave memory alone,
 * when the call returns.
 */
export class Ring implements Disposable {
  /** Most operations a call. */
  static readonly capacity = PLACES;
  /** What came of the operations of the last call, in their order: bytes, or a negative error number. */
  readonly results: Int32Array<ArrayBuffer> = new Int32Array(PLACES);
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #memory: RingMemory;
  /** Where parts stand in the rings, in words. */
  readonly #at: { head: number; tail: number; done: number; made: number; completions: number };
  readonly #completionMask: number;
  #count = 0;

  private constructor(
    libc: Libc,
    made: { descriptor: number; memory: RingMemory; parameters: Uint32Array },
  ) {
    const { descriptor, memory, parameters } = made;
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#memory = memory;
    this.#at = {
      head: parameters[RingParameters.head] / 4,
      tail: parameters[RingParameters.tail] / 4,
      done: parameters[RingParameters.completionHead] / 4,
      made: parameters[RingParameters.completionTail] / 4,
      completions: parameters[RingParameters.completionsAt] / 4,
    };
    this.#completionMask = parameters[RingParameters.completions] - 1;
    const places = parameters[RingParameters.places] / 4;
    for (let i = 0; i < PLACES; i++) memory.rings[places + i] = i;
  }

  /**
   * Opens a ring.
   *
   * @param libc The C library.
   * @returns The ring, or `null` where the system has none, is too old, or forbids it.
   */
  static open(libc: Libc): Ring | null {
    const parameters = nativeWords(RingParameters.words);
    parameters[RingParameters.flags] = SUBMIT_ALL;
    const descriptor = libc.calls.io_uring_setup(SETUP_CALL, PLACES, parameters);
    if (descriptor < 0) return null;
    const able = (parameters[RingParameters.features] & FEATURES) === FEATURES;
    const memory = able ? RingMemory.map(libc, { descriptor, parameters }) : null;
    if (memory !== null) return new Ring(libc, { descriptor, memory, parameters });
    libc.calls.close(descriptor);
    return null;
  }

  /** Prepares to send `length` bytes, which stay where they are until {@linkcode submit}. */
  send(descriptor: number, address: number, length: number): void {
    this.#prepare(SEND, descriptor, address, length);
  }

  /** Prepares to receive up to `length` bytes. */
  receive(descriptor: number, address: number, length: number): void {
    this.#prepare(RECEIVE, descriptor, address, length);
  }

  /**
   * Does what was prepared. What the system did not even begin to do comes to EAGAIN.
   *
   * @returns Whether all was begun.
   */
  submit(): boolean {
    const { rings } = this.#memory;
    const { head, tail } = this.#at;
    const count = this.#count;
    this.#count = 0;
    this.results.fill(-Errno.EAGAIN, 0, count);
    rings[tail] += count;
    let left = count;
    while (left > 0) {
      const begun = this.#enter(left, count);
      if (begun > 0) left -= begun;
      else if (this.#libc.errno[0] !== Errno.EINTR) break;
    }
    rings[tail] = rings[head];
    this.#take();
    return left === 0;
  }

  /** Closes the ring. */
  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    this.#libc.calls.close(this.#descriptor);
  }

  // Everything that is not written here is 0 from the beginning.
  #prepare(operation: number, descriptor: number, address: number, length: number): void {
    const { submissions, rings } = this.#memory;
    const place = this.#count++;
    const at = ((rings[this.#at.tail] + place) & (PLACES - 1)) * Submission.words;
    submissions[at + Submission.operation] = operation;
    submissions[at + Submission.descriptor] = descriptor;
    writeAddress(submissions, at + Submission.address, address);
    submissions[at + Submission.length] = length;
    submissions[at + Submission.flags] = DONTWAIT_NOSIGNAL;
    submissions[at + Submission.userData] = place;
  }

  #enter(begin: number, wait: number): number {
    const { calls } = this.#libc;
    return calls.io_uring_enter(ENTER_CALL, this.#descriptor, begin, wait, GET_EVENTS, null, 0);
  }

  #take(): void {
    const { rings } = this.#memory;
    const { done, made, completions } = this.#at;
    const end = rings[made];
    for (let i = rings[done]; i !== end; i = (i + 1) | 0) {
      const at = completions + (i & this.#completionMask) * Completion.words;
      this.results[rings[at + Completion.userData]] = rings[at + Completion.result];
    }
    rings[done] = end;
  }
}
