import { formatAddress } from "../loop/mod.ts";
import { UsageError } from "./usage_error.ts";

const NAMES = ["net", "read", "write", "run", "env", "ffi", "sys", "import"] as const;

/** A permission of Deno that a program can't do without. */
export interface Permission {
  /** Its name, as in `--allow-net`. */
  readonly name: "net" | "read" | "write" | "run" | "env" | "ffi" | "all";
  /** The host and port, the path or the variable that it is needed for; all when it is missing. */
  readonly of?: string;
}

/**
 * Sees to it that a program has its permissions before it does anything. Whoever lacks one is told
 * so in a line, and not asked at the terminal when it is needed first, which would hold up all else.
 *
 * @param needed What it can't do without.
 * @param program What it is called.
 * @throws {UsageError} When something is missing; it names all flags that are to be added.
 */
export function checkPermissions(needed: readonly Permission[], program: string): void {
  const missing = needed.filter((permission) => !isPermitted(permission));
  if (missing.length === 0) return;
  const flags = flagsFor(missing).join(" ");
  throw new UsageError(`Cannot start without ${flags}: add it to deno run, before ${program}`);
}

/** Whether a program may do something, without asking anybody. */
export function isPermitted({ name, of }: Permission): boolean {
  const wanted = name === "all" ? NAMES.map((each) => ({ name: each })) : [descriptor(name, of)];
  return wanted.every((each) => Deno.permissions.querySync(each).state === "granted");
}

/** The flags that grant permissions, one a name. */
function flagsFor(permissions: readonly Permission[]): string[] {
  const names = new Set(permissions.map(({ name }) => name));
  return [...names].map((name) => {
    const same = permissions.filter((permission) => permission.name === name);
    const places = same.flatMap(({ of }) => of ?? []);
    const isWhole = places.length < same.length;
    return isWhole ? `--allow-${name}` : `--allow-${name}=${[...new Set(places)].join(",")}`;
  });
}

function descriptor(
  name: Exclude<Permission["name"], "all">,
  of: string | undefined,
): Deno.PermissionDescriptor {
  switch (name) {
    case "net":
      return { name, host: of };
    case "env":
      return { name, variable: of };
    case "run":
      return { name, command: of };
    default:
      return { name, path: of };
  }
}

/** What it takes to listen on ports of a host, or to connect to them. */
export function netOf(hostname: string, ...ports: (number | undefined)[]): Permission[] {
  const given = ports.filter((port) => port !== undefined);
  return someOf("net", ...given.map((port) => formatAddress({ hostname, port })));
}

/** What it takes to use the store that `--store` names. */
export function storePermissions(
  store: string | undefined,
  addressesOf: (redisUrl: string) => readonly { hostname: string; port: number }[],
): Permission[] {
  if (store === undefined) return [];
  if (store.startsWith("kv:")) {
    const of = store.slice(3);
    return of === ":memory:" ? [] : [...someOf("read", of), ...someOf("write", of)];
  }
  if (/^https?:/.test(store)) return someOf("net", new URL(store).host);
  if (!/^rediss?:/.test(store)) return [];
  return [
    ...addressesOf(store).flatMap(({ hostname, port }) => netOf(hostname, port)),
    // The client of Redis reads this variable when it is loaded.
    ...someOf("env", "REDIS_DEBUG_MAINTENANCE"),
  ];
}

/** Permissions as a whole. */
export function wholeOf(...names: Permission["name"][]): Permission[] {
  return names.map((name) => ({ name }));
}

/** A permission for some paths or variables; those that are missing are none. */
export function someOf(name: Permission["name"], ...places: (string | undefined)[]): Permission[] {
  return places.flatMap((of) => of === undefined ? [] : [{ name, of }]);
}
