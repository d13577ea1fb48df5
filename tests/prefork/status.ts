import type { SupervisorStatus } from "../../prefork/mod.ts";

/** A status for tests. */
export const STATUS: SupervisorStatus = {
  pid: 42,
  uptimeMs: 3_723_000,
  hostname: "127.0.0.1",
  port: 8000,
  share: "reuseport",
  zeroLoss: false,
  notices: ["Something can't be promised"],
  size: 2,
  spares: 1,
  crashLooping: true,
  counts: {
    spawned: 7,
    crashed: 2,
    killed: 1,
    bootFailures: 3,
    reloads: 4,
    failedReloads: 5,
  },
  workers: [
    { id: 1, pid: 100, state: "ready", uptimeMs: 61_000, rssBytes: 50 * 2 ** 20, requests: 12 },
    { id: 2, pid: 101, state: "booting", uptimeMs: 90, rssBytes: 0, requests: 0 },
  ],
};
