import type { Endpoint } from "./endpoint.ts";

/** The first port that is given to those who ask for none. */
const FIRST_EPHEMERAL_PORT = 49_152;
const PORTS = 65_536;

/** What is bound to a port. */
export interface PortHolder {
  /** Where it is bound. */
  readonly local: Endpoint;
  /** Whether it lets others bind the same. */
  readonly reusePort: boolean;
}

/** Who is bound to which port of a host. */
export class PortTable<Holder extends PortHolder> {
  readonly #holders = new Map<number, Holder[]>();
  #next = FIRST_EPHEMERAL_PORT;

  /**
   * Whether a holder can be bound.
   *
   * @param wanted Where, `::` or `0.0.0.0` being all addresses.
   * @param reusePort Whether the holder shares the port with others that do.
   */
  allows(wanted: Endpoint, reusePort: boolean): boolean {
    const holders = this.#holders.get(wanted.port) ?? [];
    return holders.every((holder) =>
      (holder.reusePort && reusePort) || !overlaps(holder.local.ip, wanted.ip)
    );
  }

  /** A port that nobody has, or 0 when there is none. */
  freePort(): number {
    for (let tries = FIRST_EPHEMERAL_PORT; tries < PORTS; tries++) {
      const port = this.#next++;
      if (this.#next === PORTS) this.#next = FIRST_EPHEMERAL_PORT;
      if (!this.#holders.has(port)) return port;
    }
    return 0;
  }

  /** Binds a holder where it says. */
  add(holder: Holder): void {
    const { port } = holder.local;
    const holders = this.#holders.get(port);
    if (holders === undefined) this.#holders.set(port, [holder]);
    else holders.push(holder);
  }

  /** Unbinds a holder. */
  delete(holder: Holder): void {
    const { port } = holder.local;
    const left = this.#holders.get(port)?.filter((each) => each !== holder) ?? [];
    if (left.length === 0) this.#holders.delete(port);
    else this.#holders.set(port, left);
  }

  /** Who gets what `source` sent to `target`. */
  find(target: Endpoint, source: Endpoint): Holder | undefined {
    const holders = this.#holders.get(target.port)?.filter(({ local }) =>
      overlaps(local.ip, target.ip)
    );
    if (holders === undefined || holders.length < 2) return holders?.[0];
    const exact = holders.filter(({ local }) => local.ip === target.ip);
    const best = exact.length > 0 ? exact : holders;
    return best[source.port % best.length];
  }
}

/** Whether what is sent to one address can be meant for the other. */
function overlaps(a: string, b: string): boolean {
  if (a === b || a === "::" || b === "::") return true;
  if (a === "0.0.0.0") return !b.includes(":");
  return b === "0.0.0.0" && !a.includes(":");
}
