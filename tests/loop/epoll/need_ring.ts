import { loadLibc } from "../../../loop/epoll/libc.ts";
import { Ring } from "../../../loop/epoll/ring.ts";
import type { Need } from "../../needs.ts";

/** Whether a test can run that needs a ring, which containers often forbid. */
export function needRing(): Need {
  const ring = Deno.build.os === "linux" ? Ring.open(loadLibc()) : null;
  ring?.[Symbol.dispose]();
  if (ring !== null) return { ignore: false, suffix: "" };
  return { ignore: true, suffix: " (skipped: there is no io_uring here)" };
}
