import type { EventLoop } from "../../../loop/mod.ts";
import { StoreBusyError } from "../../store_busy_error.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase, KvEntry } from "./kv_database.ts";
import type { StoreOwner } from "./store_owner.ts";

const LOOK_AGAIN_MS = 250;
const UNKNOWN = "unknown";

/** What it takes to become the owner. */
export interface OwnershipOptions {
  loop: EventLoop;
  kv: KvDatabase;
  keys: KeySpace;
  /** How long an owner is silent until it counts as dead. */
  ownerTimeoutMs: number;
  /** How long to wait for a live owner to leave. */
  waitMs: number;
  signal: AbortSignal | undefined;
}

/** An owner, and the version of the entry that says so. */
export interface Ownership {
  readonly owner: StoreOwner;
  readonly fence: string;
}

/**
 * Becomes the owner of a store: at once when it has none or its process is
 * gone, otherwise when the owner was silent for too long.
 *
 * @throws {StoreBusyError} When the owner lives on.
 */
export async function takeOwnership(options: OwnershipOptions): Promise<Ownership> {
  const { loop, kv, keys, ownerTimeoutMs, waitMs, signal } = options;
  const patience = loop.now() + waitMs;
  let seen: { readonly version: string | null; readonly at: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const entry = await kv.get(keys.owner);
    const holder = entry.value as StoreOwner | null;
    if (seen?.version !== entry.versionstamp) {
      seen = { version: entry.versionstamp, at: loop.now() };
    }
    const isFresh = holder !== null && Math.abs(loop.wallNow() - holder.seenAt) < ownerTimeoutMs;
    // The clock of this machine may have been set, and that of another may be wrong.
    const patienceMs = holder?.host === hostname() && !isFresh
      ? ownerTimeoutMs / 3
      : ownerTimeoutMs;
    if (holder === null || loop.now() - seen.at >= patienceMs || isGone(holder)) {
      const claimed = await claim(options, entry);
      if (claimed !== null) return claimed;
      continue;
    }
    if (isFresh && loop.now() >= patience) throw new StoreBusyError(holder);
    await loop.sleep(LOOK_AGAIN_MS, { signal });
  }
}

async function claim(options: OwnershipOptions, entry: KvEntry): Promise<Ownership | null> {
  const { loop, kv, keys } = options;
  const now = loop.wallNow();
  const owner: StoreOwner = {
    instance: [...loop.random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    pid: Deno.pid,
    processStart: processStart(Deno.pid) ?? "",
    host: hostname(),
    since: now,
    seenAt: now,
  };
  const result = await kv.atomic()
    .check({ key: keys.owner, versionstamp: entry.versionstamp })
    .set(keys.owner, owner)
    .commit();
  return result.ok ? { owner, fence: result.versionstamp } : null;
}

/** Whether a process of this machine has certainly ended. */
function isGone(holder: StoreOwner): boolean {
  const isHere = holder.host === hostname() && holder.host !== UNKNOWN;
  if (!isHere || holder.processStart === "" || holder.pid === Deno.pid) return false;
  const start = processStart(holder.pid);
  return start !== "" && start !== holder.processStart;
}

/** When a process started; `null` when there is none, empty when the system doesn't tell. */
function processStart(pid: number): string | null {
  const path = `/proc/${pid}/stat`;
  if (Deno.build.os !== "linux" || !isGranted({ name: "read", path })) return "";
  try {
    const stat = Deno.readTextFileSync(path);
    // The name of the program, in parentheses, may hold blanks.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    return "";
  }
}

function hostname(): string {
  return isGranted({ name: "sys", kind: "hostname" }) ? Deno.hostname() : UNKNOWN;
}

/** Whether something is permitted: what isn't must not be asked for at a terminal. */
function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
