import { sleep } from "./uptime.ts";

const CHUNK = new Uint8Array(65_536).fill(1);

/** A folder that can be made full: a small file system in memory, which only root can mount. */
export class SmallDisk implements AsyncDisposable {
  /** The folder. */
  readonly path: string;
  /** Why it can't be made full; `null` when it can. */
  readonly whyNot: string | null;

  private constructor(path: string, whyNot: string | null) {
    this.path = path;
    this.whyNot = whyNot;
  }

  /** Makes one below a folder; where nothing can be mounted it is a plain folder. */
  static async make(folder: string, mebibytes: number): Promise<SmallDisk> {
    const path = `${folder}/disk`;
    await Deno.mkdir(path);
    if (Deno.uid() !== 0) return new SmallDisk(path, "only root can mount a small disk");
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=700`, "sluice-chaos", path],
      stderr: "piped",
    });
    const { success, stderr } = await mount.output();
    const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
    return new SmallDisk(path, success ? null : `no small disk can be mounted: ${reason}`);
  }

  /** Fills it to the last byte, and keeps it full. */
  async fill(durationMs: number): Promise<void> {
    const path = `${this.path}/ballast`;
    const end = performance.now() + durationMs;
    using file = Deno.openSync(path, { create: true, append: true });
    while (performance.now() < end) {
      // What the programs give free meanwhile is taken too.
      for (let size = CHUNK.length; size >= 1; size >>= 1) {
        while (hasRoom(file, CHUNK.subarray(0, size)));
      }
      await sleep(50);
    }
  }

  /** Frees it. */
  async free(): Promise<void> {
    await Deno.remove(`${this.path}/ballast`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.whyNot !== null) return;
    const { success } = await new Deno.Command("umount", { args: ["-l", this.path] }).output();
    if (!success) throw new TypeError(`Cannot unmount ${this.path}`);
  }
}

function hasRoom(file: Deno.FsFile, bytes: Uint8Array): boolean {
  try {
    return file.writeSync(bytes) === bytes.length;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOSPC") return false;
    throw error;
  }
}
