import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { prometheusText } from "../../prefork/_prometheus.ts";
import { STATUS } from "./status.ts";

Deno.test("prometheusText() writes the text format", () => {
  const text = prometheusText(STATUS);
  for (
    const line of [
      "# TYPE sluice_prefork_workers gauge",
      'sluice_prefork_workers{state="ready"} 1',
      'sluice_prefork_workers{state="booting"} 1',
      'sluice_prefork_workers{state="retiring"} 0',
      'sluice_prefork_worker_resident_memory_bytes{worker="1",pid="100"} 52428800',
      'sluice_prefork_worker_uptime_seconds{worker="1",pid="100"} 61',
      "sluice_prefork_crash_looping 1",
      "# TYPE sluice_prefork_workers_crashed_total counter",
      "sluice_prefork_workers_crashed_total 2",
      "sluice_prefork_failed_reloads_total 5",
    ]
  ) assertStringIncludes(text, `${line}\n`);
});

Deno.test("prometheusText() keeps the conventions", () => {
  const lines = prometheusText(STATUS).trimEnd().split("\n");
  const described = lines.filter((line) => line.startsWith("# HELP")).length;
  assertEquals(lines.filter((line) => line.startsWith("# TYPE")).length, described);
  for (const line of lines) {
    assertMatch(
      line,
      /^(# (HELP|TYPE) sluice_prefork_\w+ .+|sluice_prefork_\w+(\{[^}]+\})? [\d.]+)$/,
    );
    if (/ counter$/.test(line)) assertMatch(line, /_total counter$/);
  }
});
