import { findProgram } from "../needs.ts";

/** A file system of its own that is soon full; needs the rights to mount one. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;
  readonly #filler: string;

  private constructor(path: string) {
    this.path = path;
    this.#filler = `${path}/filler`;
  }

  /** Why none can be had; `null` when one can. */
  static async whyNot(): Promise<string | null> {
    if (Deno.build.os !== "linux" || findProgram("mount") === null) return "there is no tmpfs";
    if (Deno.uid() !== 0) return "only root may mount";
    const path = await Deno.makeTempDir();
    const isMounted = await mount(path, 1);
    if (isMounted) await run("umount", path);
    await Deno.remove(path);
    return isMounted ? null : "mounting is not allowed";
  }

  /**
   * Mounts one.
   *
   * @param size How many MiB it has.
   * @param filled How many of them are taken by a file that {@linkcode free} removes.
   */
  static async mount(size: number, filled: number): Promise<SmallDisk> {
    const disk = new SmallDisk(await Deno.makeTempDir());
    await mount(disk.path, size);
    await Deno.writeFile(disk.#filler, new Uint8Array(filled * 2 ** 20));
    return disk;
  }

  /** Makes room. */
  async free(): Promise<void> {
    await Deno.remove(this.#filler);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", this.path);
    await Deno.remove(this.path);
  }
}

function mount(path: string, size: number): Promise<boolean> {
  return run("mount", "-t", "tmpfs", "-o", `size=${size}m`, "tmpfs", path);
}

async function run(program: string, ...args: string[]): Promise<boolean> {
  const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
  return (await command.output()).success;
}
