import { assertEquals } from "@std/assert";
import { readTar } from "../../../tools/registry/tar_archive.ts";

/** One entry of an archive, as GNU tar writes it. */
function entry(path: string, content: string, kind = "0"): number[] {
  const bytes = [...new TextEncoder().encode(content)];
  const header = new Uint8Array(512);
  const encoder = new TextEncoder();
  encoder.encodeInto(path, header);
  encoder.encodeInto(bytes.length.toString(8).padStart(11, "0"), header.subarray(124));
  encoder.encodeInto(kind, header.subarray(156));
  return [...header, ...bytes, ...Array(-bytes.length & 511).fill(0)];
}

function read(...entries: number[][]): Record<string, string> {
  const archive = new Uint8Array([...entries.flat(), ...Array(1024).fill(0)]);
  const decoder = new TextDecoder();
  return Object.fromEntries(
    [...readTar(archive)].map(([path, content]) => [path, decoder.decode(content)]),
  );
}

Deno.test("readTar() gives the regular files without a leading dot", () => {
  const big = "x".repeat(1300);
  assertEquals(read(entry("./mod.ts", "a"), entry("loop/", "", "5"), entry("loop/big.ts", big)), {
    "mod.ts": "a",
    "loop/big.ts": big,
  });
});

Deno.test("readTar() gives a path when it is longer than its field", () => {
  const path = `${"deep/".repeat(30)}mod.ts`;
  assertEquals(read(entry("././@LongLink", `${path}\0`, "L"), entry(path.slice(0, 100), "a")), {
    [path]: "a",
  });
});
