import type { PollerSubject } from "./poller_world.ts";
import { RealWorld } from "./real_world.ts";

/** The pollers that the suite runs on. */
export const subjects: readonly PollerSubject[] = [
  {
    name: "portable",
    features: ["unix", "tls", "loopback", "silence"],
    open: () => new RealWorld("portable"),
  },
];
