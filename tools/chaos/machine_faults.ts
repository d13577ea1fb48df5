import { between } from "./common_faults.ts";
import type { Fault } from "./scene.ts";
import type { SmallDisk } from "./small_disk.ts";
import type { WallClock } from "./wall_clock.ts";
import { sleep } from "./uptime.ts";

/** The disk gets full, and free again. */
export function fillingDisk(disk: SmallDisk): Fault {
  return {
    what: "disk full",
    harm: "disk",
    run: async (random) => {
      await disk.fill(between(random, { least: 1000, most: 8000 }));
      await disk.free();
      // Programs try again after a second.
      await sleep(2500);
    },
  };
}

/** The clock of a scene's programs jumps by hours, and stays there. */
export function jumpingClock(clock: WallClock, scene: string): Fault {
  return {
    what: `${scene}: clock jumped`,
    harm: "none",
    run: async (random) => {
      clock.jump(random.next());
      await sleep(2000);
    },
  };
}
