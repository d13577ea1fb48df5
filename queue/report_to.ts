import type { EventLoop } from "../loop/mod.ts";

/** What tells the `onError` of a loop of a failure, by failing in a callback of it. */
export function reportTo(loop: EventLoop): (error: unknown) => void {
  return (error) =>
    void loop.callSoon(() => {
      throw error;
    });
}
