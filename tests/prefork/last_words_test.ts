import { assertEquals } from "@std/assert";
import { LastWords } from "../../prefork/_last_words.ts";

function recording(): { words: LastWords; lines: string[] } {
  const lines: string[] = [];
  return { words: new LastWords((stream, line) => lines.push(`${stream} ${line}`)), lines };
}

Deno.test("LastWords.push() lets everything through until Deno reports an error", () => {
  const { words, lines } = recording();
  words.push("stdout", "loading", true);
  words.push("stderr", "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: Module not found", true);
  words.push("stderr", "    at file:///a.ts", true);
  assertEquals(lines, ["stdout loading"]);
  words.release();
  assertEquals(lines.length, 3);
});

Deno.test("LastWords.push() holds nothing back of a worker that has booted", () => {
  const { words, lines } = recording();
  words.push("stderr", "error: mine", false);
  assertEquals(lines, ["stderr error: mine"]);
});

Deno.test("LastWords.push() holds back so many lines at most", () => {
  const { words, lines } = recording();
  for (let i = 0; i <= 100; i++) words.push("stderr", `error: ${i}`, true);
  assertEquals(lines.length, 101);
});
