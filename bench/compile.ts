/**
 * Compiles a peer written in C.
 *
 * @param name The file in `bench/peers/`.
 * @param folder Where to put the program.
 * @returns Its path, or `null` when there is no compiler.
 */
export async function compile(name: string, folder: string): Promise<string | null> {
  const source = new URL(`peers/${name}`, import.meta.url).pathname;
  const program = `${folder}/${name.replace(/\.c$/, "")}`;
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-O2", "-o", program, source],
    }).output();
    if (success) return program;
    throw new TypeError(`Cannot compile ${name} as ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
