import type { Poller, PollerName } from "./poller.ts";
import { PortablePoller } from "./portable/poller.ts";

/** Options of {@linkcode choosePoller}. */
export interface ChoosePollerOptions {
  /**
   * The poller to use.
   *
   * @default {the value of SLUICE_POLLER, else the best one that works here}
   */
  name?: Exclude<PollerName, "simulated">;
  /** Called with a line that says why the best poller can't be used here. */
  onFallback?: (reason: string) => void;
}

/** Makes the poller that a loop waits with. */
export function choosePoller(_options: ChoosePollerOptions): Poller {
  return new PortablePoller();
}
