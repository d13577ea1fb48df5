import { assertEquals } from "@std/assert";
import { ReplyReader, type ServerReply } from "../../../queue/beanstalk/reply_reader.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function read(chunks: string[], maxDataBytes = 100): { replies: unknown[]; fault: string | null } {
  const reader = new ReplyReader(maxDataBytes);
  const replies: ServerReply[] = [];
  let fault: string | null = null;
  for (const chunk of chunks) fault ??= reader.push(encoder.encode(chunk), replies);
  const told = replies.map(({ words, data }) =>
    data === null ? words.join(" ") : [words.join(" "), decoder.decode(data)]
  );
  return { replies: told, fault };
}

const TEXT = "INSERTED 7\r\nRESERVED 7 4\r\na\r\nb\r\nOK 0\r\n\r\nNOT_FOUND\r\n";
const REPLIES = ["INSERTED 7", ["RESERVED 7 4", "a\r\nb"], ["OK 0", ""], "NOT_FOUND"];

Deno.test("ReplyReader.push() cuts answers, however they arrive", () => {
  assertEquals(read([TEXT]), { replies: REPLIES, fault: null });
  assertEquals(read([...TEXT]), { replies: REPLIES, fault: null });
});

Deno.test("ReplyReader.push() says what is wrong", () => {
  assertEquals(read(["OK 101\r\n"]).fault, "it announces 101 bytes");
  assertEquals(read(["OK x\r\n"]).fault, "it announces x bytes");
  assertEquals(read(["OK -1\r\nHI\r\n"]).fault, "it announces -1 bytes");
  assertEquals(read(["x".repeat(513)]).fault, "a line of it is too long");
});
