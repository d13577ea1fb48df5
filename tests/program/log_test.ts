import { assertEquals } from "@std/assert";
import { Log, type LogFormat } from "../../program/mod.ts";

function linesOf(format: LogFormat, write: (log: Log) => void): string[] {
  const lines: string[] = [];
  write(new Log({ format, write: (line) => lines.push(line), wallMs: () => 0 }));
  return lines;
}

Deno.test("Log writes text, one line an event", () => {
  assertEquals(
    linesOf("text", (log) => {
      log.info("ready", { port: 1 });
      log.warning("odd\nthing");
      log.error("broken");
    }),
    ["ready", "warning: odd thing", "error: broken"],
  );
});

Deno.test("Log writes JSON with time, level and fields", () => {
  const [line] = linesOf("json", (log) => log.error("two\nlines", { port: 1 }));
  assertEquals(JSON.parse(line), {
    time: "1970-01-01T00:00:00.000Z",
    level: "error",
    message: "two\nlines",
    port: 1,
  });
});
