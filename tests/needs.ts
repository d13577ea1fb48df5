/**
 * Programs of the machine that some tests need. A test whose programs are missing is skipped, and
 * its name says so; with `SLUICE_REQUIRE=redis-server,chromium` those named must be there.
 */

const FOLDERS = (Deno.env.get("PATH") ?? "").split(":");
const REQUIRED = new Set((Deno.env.get("SLUICE_REQUIRE") ?? "").split(",").filter(Boolean));

/** Other names under which a program may be installed. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chromium-browser", "google-chrome"],
};

/** What is no program, such as modules of other languages, and what is run to see whether it is
 * there. Those of the system belong to its own Python. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  "network-namespaces": ["unshare", "--map-root-user", "--net", "ip", "link"],
  "php-pda-pheanstalk": ["php", "-r", "exit(@include 'Pheanstalk/autoload.php' ? 0 : 1);"],
  "php-redis": ["php", "-r", "exit(extension_loaded('redis') ? 0 : 1);"],
  "python3-autobahn": ["/usr/bin/python3", "-c", "import autobahn"],
};

/** What to give to `Deno.test` besides the name and the function. */
export interface Need {
  /** Whether the test has to be skipped. */
  readonly ignore: boolean;
  /** Ends the name of the test, and says why it is skipped. */
  readonly suffix: string;
}

/** Where a program is, unless `name` is a path; `null` when it is not installed. */
export function findProgram(name: string): string | null {
  if (name.startsWith("/")) return isFile(name) ? name : null;
  const names = [name, ...ALIASES[name] ?? []];
  const paths = FOLDERS.flatMap((folder) => names.map((each) => `${folder}/${each}`));
  return paths.find(isFile) ?? null;
}

/**
 * Whether a test can run that needs programs.
 *
 * @throws {TypeError} When one is missing that `SLUICE_REQUIRE` names.
 */
export function need(...programs: string[]): Need {
  const missing = programs.filter((name) => !isInstalled(name));
  const required = missing.filter((name) => REQUIRED.has(name));
  if (required.length > 0) throw new TypeError(`Cannot test without ${required.join(", ")}`);
  if (missing.length === 0) return { ignore: false, suffix: "" };
  return { ignore: true, suffix: ` (skipped: ${missing.join(", ")} is not installed)` };
}

function isInstalled(name: string): boolean {
  const check = MODULES[name];
  if (check === undefined) return findProgram(name) !== null;
  const program = findProgram(check[0]);
  if (program === null) return false;
  const args = check.slice(1);
  return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
