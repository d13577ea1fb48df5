import type { ModstampClient } from "../../../modstamp/mod.ts";
import type { History } from "./history.ts";

/** A client that listens, and what it believes. */
export class SimulatedListener {
  /** Why it has ended, if it has. */
  failure: unknown = null;
  /** When it last changed its mind, on the network's clock. */
  changedAtMs = 0;
  readonly #believed = new Map<string, string>();
  readonly #history: History;
  readonly #now: () => number;

  /** Begins to listen. */
  constructor(
    client: ModstampClient,
    options: { ids: readonly string[]; history: History; now: () => number },
  ) {
    this.#history = options.history;
    this.#now = options.now;
    for (const id of options.ids) this.#believed.set(id, "");
    this.#listen(client).catch((error) => this.failure = error);
  }

  /** Whether it believes what is stored. */
  agrees(read: (id: string) => string): boolean {
    for (const [id, value] of this.#believed) if (read(id) !== value) return false;
    return true;
  }

  async #listen(client: ModstampClient): Promise<void> {
    const known = Object.fromEntries(this.#believed);
    for await (const { id, value } of client.listen(known, { onSilence() {} })) {
      this.#history.checkSeen(id, value);
      this.#believed.set(id, value);
      this.changedAtMs = this.#now();
    }
  }
}
