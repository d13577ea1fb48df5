import { assert, assertEquals } from "@std/assert";
import { BlockPool } from "../../loop/mod.ts";

Deno.test("BlockPool.take() gives the smallest block that is large enough", () => {
  const pool = new BlockPool();
  const sizes = [0, 1, 1024, 1025, 8192, 8193, 65_536].map((length) => pool.take(length).length);
  assertEquals(sizes, [1024, 1024, 1024, 8192, 8192, 65_536, 65_536]);
});

Deno.test("BlockPool.give() keeps blocks up to maxIdleBytes of each size", () => {
  const pool = new BlockPool({ maxIdleBytes: 2048 });
  const blocks = [pool.take(1), pool.take(1), pool.take(1), pool.take(65_536)];
  for (const block of blocks) pool.give(block);
  const again = [pool.take(1), pool.take(1), pool.take(1)];
  assertEquals(again.map((block) => blocks.includes(block)), [true, true, false]);
  assert(pool.take(65_536) === blocks[3]);
  assert(pool.take(65_536) !== blocks[3]);
});
