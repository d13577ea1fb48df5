import { lookup } from "node:dns/promises";

/** A host's name has no address. */
export class UnknownHostError extends Error {
  /** The name. */
  readonly hostname: string;

  /**
   * Makes the error.
   *
   * @param hostname The name.
   * @param options The cause, where there is one.
   */
  constructor(hostname: string, options: { cause?: unknown } = {}) {
    super(`Cannot find ${hostname} as the name is not known`, options);
    this.name = "UnknownHostError";
    this.hostname = hostname;
  }
}

/**
 * Asks the system's resolver, the hosts file included, for the addresses of a host.
 *
 * @throws {UnknownHostError} When there are none.
 */
export async function resolveHostname(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true, verbatim: true });
    return found.map(({ address }) => address);
  } catch (cause) {
    throw new UnknownHostError(hostname, { cause });
  }
}
