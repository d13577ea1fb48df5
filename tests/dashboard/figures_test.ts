import { assertEquals } from "@std/assert";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  RateHistory,
} from "../../dashboard/mod.ts";

Deno.test("formatDuration() takes at most two units", () => {
  const cases: [number, string][] = [
    [-5, "0 ms"],
    [350.4, "350 ms"],
    [12_900, "12 s"],
    [184_000, "3 min 4 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [190_800_000, "2 d 5 h"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});

Deno.test("formatBytes(), formatCount() and formatRate() round for people", () => {
  assertEquals([1023, 1536, 105_172_992, 2 ** 30].map(formatBytes), [
    "1,023 B",
    "1.5 KiB",
    "100 MiB",
    "1 GiB",
  ]);
  assertEquals([formatCount(12_345), formatRate(0.25), formatRate(1250.4)], [
    "12,345",
    "0.3/s",
    "1,250/s",
  ]);
});

Deno.test("RateHistory.record() keeps growth a second, bounded", () => {
  const history = new RateHistory<"a">({ maxSamples: 3 });
  assertEquals(history.rate("a"), 0);
  for (const [now, a] of [[0, 0], [1000, 5], [3000, 5], [3000, 9], [4000, 15], [5000, 1]]) {
    history.record(now, { a });
  }
  assertEquals(history.rates("a"), [0, 10, 0]);
  assertEquals(history.rate("a", 2), 5);
});
