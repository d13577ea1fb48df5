/** How the simulated network treats what it carries, and how badly. */
export interface NetworkFaults {
  /**
   * The shortest time on the way in milliseconds; at least 0.01, so that time moves.
   *
   * @default {0.5}
   */
  minDelayMs?: number;
  /**
   * The longest time on the way in milliseconds.
   *
   * @default {2}
   */
  maxDelayMs?: number;
  /**
   * Probability that a datagram is lost. A lost segment of a stream is sent
   * again after `retransmitMs`.
   *
   * @default {0}
   */
  loss?: number;
  /**
   * Probability that a datagram arrives twice.
   *
   * @default {0}
   */
  duplicate?: number;
  /**
   * Probability that a datagram is held back, so that later ones overtake it.
   * All others arrive in the order they were sent.
   *
   * @default {0}
   */
  reorder?: number;
  /**
   * How long a datagram is held back at most, in milliseconds.
   *
   * @default {50}
   */
  maxReorderMs?: number;
  /**
   * The longest datagram the network carries, in bytes; longer ones are dropped.
   *
   * @default {1472}
   */
  mtu?: number;
  /**
   * The longest segment of a stream, in bytes. Segments are cut at random.
   *
   * @default {1460}
   */
  maxSegmentBytes?: number;
  /**
   * Bytes a stream carries one way that its reader has not read yet.
   *
   * @default {65_536}
   */
  windowBytes?: number;
  /**
   * After how many milliseconds a lost segment of a stream is sent again.
   *
   * @default {200}
   */
  retransmitMs?: number;
  /**
   * After how many milliseconds without an acknowledgement a stream gives up.
   *
   * @default {120_000}
   */
  giveUpMs?: number;
}

const DEFAULTS: Required<NetworkFaults> = {
  minDelayMs: 0.5,
  maxDelayMs: 2,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  maxReorderMs: 50,
  mtu: 1472,
  maxSegmentBytes: 1460,
  windowBytes: 65_536,
  retransmitMs: 200,
  giveUpMs: 120_000,
};

/** What a host sends to itself suffers nothing, but still takes time. */
export const LOOPBACK: Readonly<Required<NetworkFaults>> = {
  ...DEFAULTS,
  minDelayMs: 0.01,
  maxDelayMs: 0.02,
  mtu: 65_507,
  maxSegmentBytes: 65_536,
};

const ANY = -1;

/** The faults of each link, by the numbers of its hosts. */
export class FaultTable {
  readonly #changes = new Map<string, NetworkFaults>();
  readonly #links = new Map<string, Required<NetworkFaults>>();

  /**
   * Changes the faults of what goes from one host to another.
   *
   * @param changes The faults that change.
   * @param link The hosts' numbers; absent for any.
   */
  change(changes: NetworkFaults, link: { from?: number; to?: number } = {}): void {
    checkFaults(changes);
    const key = `${link.from ?? ANY} ${link.to ?? ANY}`;
    this.#changes.set(key, { ...this.#changes.get(key), ...changes });
    this.#links.clear();
  }

  /** The faults from one host to another; those of a single link weigh most. */
  of(from: number, to: number): Required<NetworkFaults> {
    const key = `${from} ${to}`;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const faults = { ...DEFAULTS };
    for (const each of [`${ANY} ${ANY}`, `${ANY} ${to}`, `${from} ${ANY}`, key]) {
      Object.assign(faults, this.#changes.get(each));
    }
    this.#links.set(key, faults);
    return faults;
  }
}

function checkFaults(faults: NetworkFaults): void {
  for (const [name, value] of Object.entries(faults)) {
    const isChance = name === "loss" || name === "duplicate" || name === "reorder";
    const least = name.endsWith("DelayMs") ? 0.01 : name.endsWith("Bytes") ? 1 : 0;
    if (value >= least && !(isChance && value > 1)) continue;
    const range = isChance ? "from 0 to 1" : `of at least ${least}`;
    throw new RangeError(`Cannot set ${name} as it must be a number ${range}: received ${value}`);
  }
}
