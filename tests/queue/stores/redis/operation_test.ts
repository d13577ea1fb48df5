import { assertEquals } from "@std/assert";
import {
  encodeOperations,
  type Operation,
  resultsOf,
} from "../../../../queue/stores/redis/operation.ts";

const COMPLETE = ["complete"];
const PLAIN = ["plain", false, "t", 1024];
const OPERATIONS: Operation[] = [
  { op: COMPLETE, each: ["1", 7, -1] },
  { op: COMPLETE, each: ["2", 7, -1] },
  { op: ["peek", "3"] },
  { op: COMPLETE, each: ["4", 7, -1] },
  { op: PLAIN, each: [100] },
  { op: PLAIN, each: [101] },
  { op: PLAIN, each: [102] },
  { op: [...PLAIN], each: [103] },
];

Deno.test("encodeOperations() writes operations of one kind that follow one another as one", () => {
  assertEquals(JSON.parse(encodeOperations(OPERATIONS)), [
    ["complete", ["1", 7, -1, "2", 7, -1]],
    ["peek", "3"],
    ["complete", ["4", 7, -1]],
    ["plain", false, "t", 1024, [100, 101, 102]],
    ["plain", false, "t", 1024, [103]],
  ]);
});

Deno.test("resultsOf() gives each operation its own, also of those that are one", () => {
  const results = [[true, false], 1, true, [41, 2], [43, 1]] as const;
  assertEquals([...resultsOf(OPERATIONS, results)], [true, false, 1, true, 41, 42, 0, 43]);
  const all = [true, 0, true, [1, 3], [4, 0]] as const;
  assertEquals([...resultsOf(OPERATIONS, all)], [true, true, 0, true, 1, 2, 3, 0]);
});
