import type { RandomSource } from "../../loop/mod.ts";
import type { ChaosProgram } from "./chaos_program.ts";
import type { Fault } from "./scene.ts";
import type { TcpProxy } from "./tcp_proxy.ts";
import type { UdpProxy } from "./udp_proxy.ts";
import { sleep } from "./uptime.ts";

/** A number between two, by chance. */
export function between(
  random: RandomSource,
  { least, most }: { least: number; most: number },
): number {
  return least + random.next() * (most - least);
}

/** A program is killed by SIGKILL, and started again. */
export function killing(program: ChaosProgram): Fault {
  return {
    what: `${program.name} killed`,
    harm: "kill",
    run: (random) => program.kill(between(random, { least: 0, most: 3000 })),
  };
}

/** A process that a program has started is killed. */
export function killingChild(program: ChaosProgram): Fault {
  return {
    what: `a process of ${program.name} killed`,
    harm: "kill",
    run: async (random) => {
      program.signalChild("SIGKILL", random.next());
      await sleep(500);
    },
  };
}

/** All processes of a program stand still for a while. */
export function pausing(program: ChaosProgram): Fault {
  return {
    what: `${program.name} paused`,
    harm: "pause",
    run: async (random) => {
      program.signalTree("SIGSTOP");
      await sleep(between(random, { least: 500, most: 4000 }));
      program.signalTree("SIGCONT");
    },
  };
}

/** What streams have to bear. */
export function tcpFaults(proxy: TcpProxy, name: string): Fault[] {
  const act = (what: string, run: (random: RandomSource) => Promise<void>): Fault => ({
    what: `${name}: ${what}`,
    harm: "network",
    run: async (random) => {
      await run(random);
      proxy.heal();
    },
  });
  return [
    act("slow network", async (random) => {
      proxy.latencyMs = between(random, { least: 20, most: 200 });
      await sleep(between(random, { least: 1000, most: 6000 }));
    }),
    act("stalled network", async (random) => {
      proxy.stalled = true;
      await sleep(between(random, { least: 500, most: 5000 }));
    }),
    act("connections reset", async () => {
      proxy.reset();
      await sleep(200);
    }),
    act("streams truncated", async (random) => {
      proxy.truncate(1 + Math.floor(random.next() * 3));
      await sleep(2000);
    }),
  ];
}

/** What datagrams have to bear. */
export function udpFaults(proxy: UdpProxy, name: string): Fault[] {
  const act = (
    what: string,
    make: (random: RandomSource) => Partial<UdpProxy["faults"]>,
  ): Fault => ({
    what: `${name}: ${what}`,
    harm: "network",
    run: async (random) => {
      proxy.faults = { loss: 0, duplicate: 0, late: 0, latestMs: 0, ...make(random) };
      await sleep(between(random, { least: 2000, most: 10_000 }));
      proxy.heal();
    },
  });
  return [
    act("datagrams lost", (random) => ({ loss: between(random, { least: 0.05, most: 0.6 }) })),
    act("all datagrams lost", () => ({ loss: 1 })),
    act("datagrams lost, late and twice", (random) => ({
      loss: random.next() * 0.3,
      duplicate: random.next() * 0.5,
      late: random.next() * 0.5,
      latestMs: 300,
    })),
  ];
}
