import { assertEquals } from "@std/assert";
import { LineSplitter } from "../../../queue/line/line_splitter.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Cuts chunks into lines; bad ones show as `!`. */
function split(chunks: string[], maxBytes = 64): string[] {
  const found: string[] = [];
  const splitter = new LineSplitter({
    onLine: (line) => void found.push(decoder.decode(line)),
    onFault: (line, reason) => void found.push(`!${decoder.decode(line)}: ${reason}`),
  }, maxBytes);
  for (const chunk of chunks) splitter.push(encoder.encode(chunk));
  splitter.end();
  return found;
}

Deno.test("LineSplitter.push() finds lines however the stream is cut", () => {
  const text = '{"a":1}\r\n\n{"b":2}\nO:1:"A":1:{s:1:"x";s:3:"o\nn";}\r\nlast';
  const expected = ['{"a":1}', '{"b":2}', 'O:1:"A":1:{s:1:"x";s:3:"o\nn";}', "last"];
  assertEquals(split([text]), expected);
  assertEquals(split([...text]), expected);
  for (let at = 1; at < text.length; at++) {
    assertEquals(split([text.slice(0, at), text.slice(at)]), expected);
  }
});

Deno.test("LineSplitter.push() gives up a line that is too long and takes the next", () => {
  const long = "x".repeat(65);
  const fault = `!${"x".repeat(64)}: Cannot take line as it is longer than 64 bytes`;
  assertEquals(split([`${long}\nnext\n`]), [fault, "next"]);
  assertEquals(split([...`${long}${long}\nnext\n`]), [fault, "next"]);
  assertEquals(split(["y".repeat(64), "\n"]), ["y".repeat(64)]);
});

Deno.test("LineSplitter.push() gives up an object of PHP that is none and takes the next line", () => {
  for (const cut of [(text: string) => [text], (text: string) => [...text]]) {
    assertEquals(split(cut("OOPS\nnext\n")), [
      "!O: Cannot take job of PHP: Not a serialized value",
      "next",
    ]);
    assertEquals(split(cut('O:1:"A":0:{}junk\nnext\n')), [
      '!O:1:"A":0:{}: Cannot take job of PHP: The line goes on behind it',
      "next",
    ]);
    assertEquals(split(cut(`O:1:"A":1:{s:99:"${"x".repeat(99)}";}\nnext\n`)).at(-1), "next");
  }
});

Deno.test("LineSplitter.end() gives up an object of PHP that is cut off", () => {
  assertEquals(split(['O:1:"A":1:{']), ['!O:1:"A":1:{: Cannot take line as it is cut off']);
});
