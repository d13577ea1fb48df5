import type { RandomSource } from "../../loop/mod.ts";

/** Below those that the system gives to others. */
const RANGE = { least: 20_000, most: 32_000 };

/** Hands out ports that nobody uses, neither by TCP nor by UDP. */
export class Ports {
  /** Those handed out. */
  readonly taken: number[] = [];
  readonly #random: RandomSource;

  /** @param random Where to begin to look. */
  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** One more. */
  take(): number {
    for (;;) {
      const port = RANGE.least + Math.floor(this.#random.next() * (RANGE.most - RANGE.least));
      if (this.taken.includes(port) || !isFree(port)) continue;
      this.taken.push(port);
      return port;
    }
  }

  /** Those that somebody still uses. */
  inUse(): number[] {
    return this.taken.filter((port) => !isFree(port));
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
