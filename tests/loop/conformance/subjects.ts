import { EpollPoller } from "../../../loop/epoll/poller.ts";
import type { PollerSubject } from "./poller_world.ts";
import { RealWorld } from "./real_world.ts";
import { SimulatedWorld } from "./simulated_world.ts";

/** The pollers that the suite runs on. */
export const subjects: readonly PollerSubject[] = [
  {
    name: "portable",
    features: ["unix", "files", "tls", "lossless", "loopback", "silence"],
    open: () => new RealWorld("portable"),
  },
  {
    name: "epoll",
    features: ["unix", "tls", "reset", "loopback", "silence"],
    open: () => new RealWorld("epoll"),
  },
  {
    name: "epoll, in batches,",
    features: ["unix", "tls", "reset", "loopback", "silence"],
    open: () => new RealWorld(() => new EpollPoller({ batchFrom: 1 })),
  },
  {
    name: "simulated",
    features: ["lossless", "reset", "silence", "virtual-time"],
    open: () => new SimulatedWorld(),
  },
  {
    name: "simulated, badly connected,",
    features: ["reset", "silence", "virtual-time"],
    open: () => new SimulatedWorld({ faults: { loss: 0.1, retransmitMs: 2, windowBytes: 20_000 } }),
  },
  {
    name: "simulated, on one host,",
    features: ["unix", "lossless", "reset", "silence", "virtual-time", "loopback"],
    open: () => new SimulatedWorld({ sameHost: true }),
  },
];
