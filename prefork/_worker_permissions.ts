/** What a program may be permitted, by Deno's names. */
const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;
type Name = typeof NAMES[number];

/** Deno's short flags. */
const SHORT: Readonly<Record<string, Name>> = {
  R: "read",
  W: "write",
  N: "net",
  E: "env",
  S: "sys",
  I: "import",
};

/** Says that a worker is permitted nothing, where no flag would be taken for everything. */
const NOTHING = "--deny-run";

/** Workers were to be permitted more than their supervisor is. */
export class PermissionError extends Error {
  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   */
  constructor(message: string) {
    super(message);
    this.name = "PermissionError";
  }
}

/** A flag that workers were to be given is none about permissions, or is one where it must not. */
export class PermissionFlagError extends TypeError {
  /** The flag. */
  readonly flag: string;

  /**
   * Makes the error.
   *
   * @param flag The flag.
   * @param reason What is wrong with it.
   */
  constructor(flag: string, reason: string) {
    super(`Cannot give workers ${flag} ${reason}`);
    this.name = "PermissionFlagError";
    this.flag = flag;
  }
}

/** Whether an argument is one of Deno's permission flags. */
export function isPermissionFlag(arg: string): boolean {
  return arg === "-A" || /^--(allow|deny|ignore)-[a-z]+(=|$)/.test(arg) ||
    /^-[RWNESI](=|$)/.test(arg);
}

/**
 * Checks that further flags of Deno permit nothing.
 *
 * @throws {PermissionFlagError} When one does.
 */
export function checkOtherFlags(flags: readonly string[]): void {
  // Deno takes short flags in one word, too; -P permits what a configuration file says.
  const isPermission = /^(--(allow|deny|ignore|permission)-|-[a-zA-Z]*[ARWNESIP])/;
  const flag = flags.find((flag) => isPermission.test(flag));
  if (flag === undefined) return;
  throw new PermissionFlagError(flag, "among other flags of Deno as it is about permissions");
}

/**
 * The flags that permit workers what was asked for, or what the supervisor may itself. Never
 * empty: Node's way of starting Deno takes that for all permissions.
 *
 * @param asked The flags that were asked for; none for what the supervisor may.
 * @param from The directory that paths are relative to, when workers run in another.
 * @throws {PermissionError} When the supervisor may less itself.
 * @throws {PermissionFlagError} When a flag is none.
 */
export function workerPermissions(asked: readonly string[] | undefined, from?: string): string[] {
  if (asked === undefined) return ownPermissions();
  for (const flag of asked) checkFlag(flag);
  if (asked.length === 0) return [NOTHING];
  return from === undefined ? [...asked] : asked.map((flag) => anchor(flag, from));
}

/** Makes the paths of a flag absolute, so that they mean the same in every directory. */
function anchor(flag: string, from: string): string {
  const match = /^(--(?:allow|deny|ignore)-(read|write|ffi|run)|-[RW])=(.*)$/s.exec(flag);
  if (match === null) return flag;
  const [, option, name, values] = match;
  const isPath = (value: string): boolean => name !== "run" || value.includes("/");
  const paths = values.split(",").map((value) =>
    value.startsWith("/") || !isPath(value) ? value : `${from}/${value}`
  );
  return `${option}=${paths.join()}`;
}

function ownPermissions(): string[] {
  const granted = NAMES.filter((name) => isGranted({ name }));
  if (granted.length === NAMES.length) return ["-A"];
  return granted.length === 0 ? [NOTHING] : granted.map((name) => `--allow-${name}`);
}

function checkFlag(flag: string): void {
  if (!isPermissionFlag(flag)) {
    throw new PermissionFlagError(flag, "as it is no permission flag of Deno");
  }
  if (/^--(deny|ignore)-/.test(flag)) return;
  const missing = wantedBy(flag).find((wanted) => !isGranted(wanted));
  if (missing === undefined) return;
  throw new PermissionError(`Cannot give workers ${flag} as the supervisor may less itself`);
}

function wantedBy(flag: string): Deno.PermissionDescriptor[] {
  if (flag === "-A" || flag === "--allow-all") return NAMES.map((name) => ({ name }));
  const [option, values] = flag.split(/=(.*)/s);
  const name = SHORT[option[1]] ?? option.slice("--allow-".length) as Name;
  if (!NAMES.includes(name)) {
    throw new PermissionFlagError(flag, "as Deno knows no such permission");
  }
  if (values === undefined) return [{ name }];
  return values.split(",").map((value) => describe(name, value));
}

function describe(name: Name, value: string): Deno.PermissionDescriptor {
  switch (name) {
    case "read":
    case "write":
    case "ffi":
      return { name, path: value };
    case "net":
    case "import":
      return { name, host: value } as Deno.PermissionDescriptor;
    case "env":
      return { name, variable: value };
    case "run":
      return { name, command: value };
    case "sys":
      return { name, kind: value } as Deno.PermissionDescriptor;
  }
}

function isGranted(wanted: Deno.PermissionDescriptor): boolean {
  const { state, partial } = Deno.permissions.querySync(wanted);
  return state === "granted" && !partial;
}
