/**
 * Installs packages of npm into a folder.
 *
 * @returns Whether that was possible.
 */
export async function install(folder: string, ...packages: string[]): Promise<boolean> {
  const args = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, ...packages];
  try {
    return (await new Deno.Command("npm", { args }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
