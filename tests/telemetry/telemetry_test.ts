import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  combineTelemetry,
  counter,
  gauge,
  inSpan,
  intercept,
  LabelLimit,
  NO_SPAN,
  OpenTelemetry,
  PrometheusTelemetry,
} from "../../telemetry/mod.ts";
import { otelName } from "../../telemetry/_otel_name.ts";
import { Recorder } from "./recorder.ts";

Deno.test("PrometheusTelemetry.text() reads what it watches, escapes labels and adds up", async () => {
  const telemetry = await PrometheusTelemetry.open();
  let jobs = 1;
  telemetry.watch(() => [gauge("jobs", "Jobs.", [{ value: jobs, labels: { tube: 'a"\n\\b' } }])]);
  using _second = telemetry.watch(() => [
    gauge("jobs", "Jobs.", [{ value: 10, labels: { tube: 'a"\n\\b' } }]),
    counter("pushed_total", "Pushed.", 3),
  ]);
  jobs = 2;
  const text = await telemetry.text();
  assertStringIncludes(text, '# TYPE jobs gauge\njobs{tube="a\\"\\n\\\\b"} 12\n');
  assertStringIncludes(text, "# HELP pushed_total Pushed.\n# TYPE pushed_total counter\n");
  _second[Symbol.dispose]();
  assertStringIncludes(await telemetry.text(), '\\b"} 2\n');
});

Deno.test("PrometheusTelemetry.histogram() counts into buckets, under one name once", async () => {
  const telemetry = await PrometheusTelemetry.open();
  const options = { name: "x_seconds", help: "X.", labels: ["tube"], buckets: [1, 2] };
  telemetry.histogram(options).record(1.5, { tube: "a" });
  telemetry.histogram(options).record(0.5, { tube: "a" });
  const text = await telemetry.text();
  assertStringIncludes(text, 'x_seconds_bucket{le="1",tube="a"} 1\n');
  assertStringIncludes(text, 'x_seconds_bucket{le="2",tube="a"} 2\n');
  assertStringIncludes(text, 'x_seconds_sum{tube="a"} 2\n');
});

Deno.test("OpenTelemetry records nothing where no SDK is registered", async () => {
  const telemetry = await OpenTelemetry.open();
  assertEquals(telemetry.span("a", { parent: "nonsense" }), NO_SPAN);
  using _watch = telemetry.watch(() => [counter("a_total", "A.", 1)]);
  telemetry.histogram({ name: "b_seconds", help: "B." }).record(1);
});

Deno.test("otelName() leaves to exporters what they put back", () => {
  const names = ["a_seconds", "a_seconds_total", "b_bytes", "c_total", "d"].map(otelName);
  assertEquals(names.map(({ name, unit }) => `${name} ${unit ?? ""}`), [
    "a s",
    "a s",
    "b By",
    "c ",
    "d ",
  ]);
});

Deno.test("combineTelemetry() sends measures to all, and spans to who records them", async () => {
  const prometheus = await PrometheusTelemetry.open();
  const recorder = new Recorder();
  const telemetry = combineTelemetry([prometheus, recorder]);
  telemetry.histogram({ name: "a_seconds", help: "A." }).record(1);
  telemetry.watch(() => [counter("b_total", "B.", 2)]);
  telemetry.span("c").end();
  assertEquals(recorder.measures, [["a_seconds", 1, {}]]);
  assertEquals(recorder.values(), { b_total: 2 });
  assertEquals(recorder.spans.map(({ name }) => name), ["c"]);
  assertStringIncludes(await prometheus.text(), "a_seconds_count 1");
  assertEquals(combineTelemetry([prometheus]).span("d"), NO_SPAN);
});

Deno.test("inSpan() ends the span, and tells it of a failure", async () => {
  const recorder = new Recorder();
  assertEquals(await inSpan(recorder.span("a"), () => 1), 1);
  const fail = (): never => {
    throw new RangeError("No");
  };
  await assertRejects(() => inSpan(recorder.span("b"), fail), RangeError);
  const events = recorder.spans.map((span) => span.events);
  assertEquals(events, [["run", "end"], ["run", "fail No", "end"]]);
});

Deno.test("LabelLimit.label() makes one of all that are too many", () => {
  const limit = new LabelLimit(100);
  const labels = new Set(Array.from({ length: 10_000 }, (_, i) => limit.label(`tube-${i}`)));
  assertEquals(labels.size, 101);
  assertEquals([limit.label("tube-7"), limit.label("tube-777")], ["tube-7", "other"]);
});

Deno.test("intercept() passes on what it does not replace, with private members", async () => {
  class Cell {
    #value = 1;
    size = 1;
    get value(): number {
      return this.#value;
    }
    add(count: number): number {
      return this.#value += count;
    }
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.resolve();
      this.#value = -1;
    }
  }
  const cell = new Cell();
  {
    await using seen = intercept(cell, { add: (count) => cell.add(10 * count) });
    assertEquals([seen.add(2), seen.value, seen instanceof Cell], [21, 21, true]);
    seen.size = 2;
    assertEquals(cell.size, 2);
  }
  assertEquals(cell.value, -1);
});
