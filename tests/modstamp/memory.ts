import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Bytes that are really in use: those of objects and those of array buffers. */
export function memoryInUse(): { heap: number; buffers: number } {
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return { heap: heapUsed, buffers: external };
}
