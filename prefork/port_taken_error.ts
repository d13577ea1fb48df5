/** A port that workers were to share is in use. */
export class PortTakenError extends Error {
  /** The port. */
  readonly port: number;

  /**
   * Makes the error.
   *
   * @param at Where nobody else may listen.
   */
  constructor(at: { hostname: string; port: number }, cause: unknown) {
    super(`Cannot listen on ${at.hostname}:${at.port} as the port is taken`, { cause });
    this.name = "PortTakenError";
    this.port = at.port;
  }
}
