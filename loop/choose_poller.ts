import { EpollPoller } from "./epoll/poller.ts";
import type { Poller, PollerName } from "./poller.ts";
import { PortablePoller } from "./portable/poller.ts";

/** The environment variable that forces a poller. */
const VARIABLE = "SLUICE_POLLER";

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

/**
 * Makes the poller that a loop waits with.
 *
 * @throws {TypeError} When the poller that was asked for can't be used here.
 */
export function choosePoller(options: ChoosePollerOptions): Poller {
  const name = options.name ?? environmentChoice();
  if (name === "portable") return new PortablePoller();
  if (name === "epoll") return new EpollPoller();
  if (name !== undefined) {
    throw new TypeError(`Cannot use poller as it must be portable or epoll: received ${name}`);
  }
  try {
    return new EpollPoller();
  } catch (error) {
    options.onFallback?.((error as Error).message);
    return new PortablePoller();
  }
}

function environmentChoice(): string | undefined {
  // Asking for a permission would stop the program at a prompt.
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  return state === "granted" ? Deno.env.get(VARIABLE) || undefined : undefined;
}
