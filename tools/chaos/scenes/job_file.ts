/** Reads what jobs have written since the last time, in whole lines. */
export class JobFile {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #at = 0;
  #rest = "";

  /** Makes an empty file. */
  constructor(path: string) {
    this.#path = path;
    Deno.writeTextFileSync(path, "");
  }

  /** The lines that have come. */
  lines(): string[] {
    using file = Deno.openSync(this.#path);
    file.seekSync(this.#at, Deno.SeekMode.Start);
    const buffer = new Uint8Array(65_536);
    for (let got; (got = file.readSync(buffer)) !== null;) {
      this.#at += got;
      this.#rest += this.#decoder.decode(buffer.subarray(0, got), { stream: true });
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop()!;
    return lines;
  }
}
