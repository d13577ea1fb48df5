/** A simulated world can't go on, or what was waited for can't happen in it. */
export class SimulationError extends Error {
  /**
   * Makes an error.
   *
   * @param message What could not be done and why.
   */
  constructor(message: string) {
    super(message);
    this.name = "SimulationError";
  }
}
