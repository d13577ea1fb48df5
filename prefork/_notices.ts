import { mayRead } from "./_may_read.ts";
import type { Share } from "./share.ts";
import { workerPermissions } from "./_worker_permissions.ts";

const MIGRATES = "/proc/sys/net/ipv4/tcp_migrate_req";

/** What the promises of a supervisor depend on. */
export interface Circumstances {
  /** How the port is shared. */
  readonly share: Share;
  /** Why connections can't be steered, or `null`. */
  readonly steeringFault: string | null;
  /** Whether the kernel moves waiting connections from a closed socket to another. */
  readonly migrates: boolean;
  /** Whether workers may use FFI. */
  readonly workersHaveFfi: boolean;
}

/** What can't be promised, and what to do about it. */
export function noticesOf(circumstances: Circumstances): string[] {
  const { share, steeringFault, migrates, workersHaveFfi } = circumstances;
  const notices: string[] = [];
  const remedy = "permit FFI (-A), or share the port by --share inherit";
  if (share === "reuseport" && steeringFault !== null && migrates) {
    notices.push(
      `A worker that goes can lose a connection now and then, as ${steeringFault}: ${remedy}`,
    );
  }
  if (share === "reuseport" && steeringFault !== null && !migrates) {
    notices.push(
      `A worker that goes loses the connections that wait for it, as ${steeringFault}: ` +
        `${remedy}; or set sysctl net.ipv4.tcp_migrate_req=1, which saves most of them`,
    );
  }
  if (!workersHaveFfi) {
    notices.push("A hung worker outlives a supervisor that is killed, as workers may not use FFI");
  }
  return notices;
}

/** What can't be promised in these circumstances on this machine. */
export function noticesHere(
  options: { share: Share; steeringFault: string | null; permissions?: readonly string[] },
): string[] {
  const permissions = workerPermissions(options.permissions);
  return noticesOf({
    share: options.share,
    steeringFault: options.steeringFault,
    migrates: readsOne(MIGRATES),
    workersHaveFfi: permissions.some((flag) => /^(-A|--allow-all|--allow-ffi)$/.test(flag)),
  });
}

function readsOne(path: string): boolean {
  if (!mayRead(path)) return false;
  try {
    return Deno.readTextFileSync(path).trim() === "1";
  } catch (error) {
    // An older kernel, or another system.
    if (error instanceof Error) return false;
    throw error;
  }
}
