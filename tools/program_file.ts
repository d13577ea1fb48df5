const NAMES = [
  "client.ts",
  "compact.ts",
  "job_process.ts",
  "listen.ts",
  "main.ts",
  "push.ts",
  "server.ts",
  "work.ts",
];

/**
 * Whether a file is also a program: these may use what a library may not.
 *
 * @param path The path relative to the root of the package.
 * @returns Whether it is the program of a module.
 */
export function isProgramFile(path: string): boolean {
  const [folder, name, ...rest] = path.split("/");
  return folder !== undefined && name !== undefined && rest.length === 0 && NAMES.includes(name);
}
