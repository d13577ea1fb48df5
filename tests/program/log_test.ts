import { assertEquals } from "@std/assert";
import { Log, type LogFormat, type LogLevel } from "../../program/mod.ts";

function linesOf(format: LogFormat, write: (log: Log) => void, level?: LogLevel): string[] {
  const lines: string[] = [];
  write(new Log({ format, level, write: (line) => lines.push(line), wallMs: () => 0 }));
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

Deno.test("Log leaves out what matters less", () => {
  const all = (log: Log): void => {
    log.info("a");
    log.warning("b");
    log.error("c");
  };
  assertEquals(linesOf("text", all, "warning"), ["warning: b", "error: c"]);
  assertEquals(linesOf("text", all, "error"), ["error: c"]);
});

Deno.test("Log names no password of a URL, however it is written", () => {
  const shown = linesOf("text", (log) => {
    log.info("Cannot use redis://:geheim@host:1/2 and https://me:geheim@host");
    log.info("Cannot use --store redis:/me:geheim@host or redis//:geheim@host");
    log.info("redis://me:ge/heim@host, but a@b:c stays");
  });
  assertEquals(shown, [
    "Cannot use redis://***@host:1/2 and https://***@host",
    "Cannot use --store redis:/***@host or redis//***@host",
    "redis://***@host, but a@b:c stays",
  ]);
});

Deno.test("Log writes what would move the cursor as an escape", () => {
  assertEquals(linesOf("text", (log) => log.info("a\x1b[2Jb\rc\x9bd")), [
    "a\\x1b[2Jb\\x0dc\\x9bd",
  ]);
});
