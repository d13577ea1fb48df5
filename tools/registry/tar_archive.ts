const BLOCK = 512;
const decoder = new TextDecoder();

function text(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/**
 * The regular files of a tar archive.
 *
 * @param archive The bytes of the archive, uncompressed.
 * @returns The content of each file by its path, without a leading `./`.
 */
export function readTar(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longPath: string | undefined;
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const header = archive.subarray(offset, offset + BLOCK);
    const path = longPath ?? text(header, 0, 100);
    const size = parseInt(text(header, 124, 12).trim() || "0", 8);
    const kind = text(header, 156, 1) || "0";
    const content = archive.subarray(offset + BLOCK, offset + BLOCK + size);
    // GNU writes a path of more than 100 bytes as the content of an entry before its file.
    longPath = kind === "L" ? text(content, 0, size) : undefined;
    if (kind === "0" && path !== "") files.set(path.replace(/^\.\//, ""), content);
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
