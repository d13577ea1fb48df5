import { Completion, RingParameters, Submission } from "./layout.ts";
import type { Libc } from "./libc.ts";

const READ_WRITE = 3;
const SHARED_POPULATE = 0x8001;
/** Where in the ring's descriptor the parts are mapped from. */
const Part = { RINGS: 0n, SUBMISSIONS: 0x1000_0000n } as const;

/** What the system has told of a ring. */
export interface RingSetup {
  /** The ring's descriptor. */
  descriptor: number;
  /** See {@linkcode RingParameters}. */
  parameters: Uint32Array;
}

interface Mapping {
  address: bigint;
  bytes: bigint;
}

/** The memory that a ring shares with the system. */
export class RingMemory implements Disposable {
  /** The heads, tails and completions. */
  readonly rings: Int32Array<ArrayBuffer>;
  /** The submissions. */
  readonly submissions: Uint32Array<ArrayBuffer>;
  readonly #libc: Libc;
  readonly #mappings: readonly Mapping[];

  private constructor(libc: Libc, mappings: readonly Mapping[]) {
    this.#libc = libc;
    this.#mappings = mappings;
    const [rings, submissions] = mappings.map(({ address, bytes }) =>
      Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(address)!, Number(bytes))
    );
    this.rings = new Int32Array(rings);
    this.submissions = new Uint32Array(submissions);
  }

  /**
   * Maps a ring's memory.
   *
   * @returns The memory, or `null` when the system has none left.
   */
  static map(libc: Libc, setup: RingSetup): RingMemory | null {
    const { parameters } = setup;
    const places = parameters[RingParameters.submissions];
    const ringsBytes = Math.max(
      parameters[RingParameters.places] + places * 4,
      parameters[RingParameters.completionsAt] +
        parameters[RingParameters.completions] * Completion.words * 4,
    );
    const mappings: Mapping[] = [];
    for (
      const [part, bytes] of [
        [Part.RINGS, ringsBytes],
        [Part.SUBMISSIONS, places * Submission.words * 4],
      ] as const
    ) {
      const mapping = mapPart(libc, { descriptor: setup.descriptor, part, bytes: BigInt(bytes) });
      if (mapping === null) break;
      mappings.push(mapping);
    }
    if (mappings.length === 2) return new RingMemory(libc, mappings);
    unmap(libc, mappings);
    return null;
  }

  /** Gives the memory back; nothing may look at it any more. */
  [Symbol.dispose](): void {
    unmap(this.#libc, this.#mappings);
  }
}

function mapPart(
  libc: Libc,
  from: { descriptor: number; part: bigint; bytes: bigint },
): Mapping | null {
  const { descriptor, part, bytes } = from;
  const address = libc.calls.mmap(0n, bytes, READ_WRITE, SHARED_POPULATE, descriptor, part);
  return address < 0n ? null : { address, bytes };
}

function unmap(libc: Libc, mappings: readonly Mapping[]): void {
  for (const { address, bytes } of mappings) libc.calls.munmap(address, bytes);
}
