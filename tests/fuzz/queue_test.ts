import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { EventLoop } from "../../loop/mod.ts";
import { MemoryJobStore, queueHandler } from "../../queue/mod.ts";
import { CommandReader } from "../../queue/beanstalk/command_reader.ts";
import type { Command } from "../../queue/beanstalk/command.ts";
import { ReplyReader, type ServerReply } from "../../queue/beanstalk/reply_reader.ts";
import { encodeJobBody, JobBodyDecoder } from "../../queue/job_body.ts";
import { JobLineReader } from "../../queue/line/job_line_reader.ts";
import { LineSplitter } from "../../queue/line/line_splitter.ts";
import { encodeRingMessage, RingDecoder } from "../../queue/messaging/ring_frame.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 1000);
const MAX_LINE_BYTES = 64;
const MAX_JOB_BYTES = 40;
const MAX_MESSAGE_BYTES = 200;

const encoder = new TextEncoder();
const bytes = fc.uint8Array({ maxLength: 300, size: "max" });

/** Text made of what a protocol is made of, so that it is often nearly right. */
function nearly(...fragments: string[]): fc.Arbitrary<Uint8Array> {
  return fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 3 })), {
    maxLength: 60,
    size: "max",
  }).map((parts) => encoder.encode(parts.join("")));
}

const lines = nearly(
  ...'{"job":"a","data":1}\n|\n|\r\n|{"job":"a"}|{"ack":1}\n|{"ack":|"priority":|-1|,|}|{|[|\0'
    .split("|"),
  'O:1:"A":1:{s:4:"data";i:1;}\n',
  'O:1:"A":1:{s:4:"data";s:3:"\n',
  ...'O:|O:1:"A":|:1:{s:4:"data";|s:7:"\0*\0data";|i:1;|}'.split("|"),
);
const commands = nearly(
  ...("put 1 2 3 4\r\n|put 0 0 0 5\r\nhello\r\n|put 0 0 0 41\r\n|reserve\r\n|delete 1\r\n|\r\n|\r|\n|" +
    "reserve-with-timeout 5\r\n|release 1 2 3\r\n|bury 1 2\r\n|kick 3\r\n|use t\r\n|quit\r\n|stats")
    .split(
      "|",
    ),
);
const replies = nearly(
  ...("OK 3\r\nabc\r\n|RESERVED 1 2\r\nab\r\n|INSERTED 1\r\n|NOT_FOUND\r\n|OK |FOUND 1 |\r\n|\r|\n|-1|99|" +
    "DEADLINE_SOON\r\n").split("|"),
);
/** Where a stream is cut. */
const cuts = fc.array(fc.nat(300), { maxLength: 8 });

/** A stream in pieces, each in memory that is overwritten afterwards. */
function feed(stream: Uint8Array, cuts: number[], push: (chunk: Uint8Array) => void): void {
  const ends = [...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
  let at = 0;
  for (const end of ends) {
    const chunk = stream.slice(at, end);
    push(chunk);
    chunk.fill(0x58);
    at = end;
  }
}

function linesOf(stream: Uint8Array, cuts: number[]): string[] {
  const found: string[] = [];
  const reader = new JobLineReader({ php: { jobs: ["A"] } });
  const splitter = new LineSplitter({
    onLine(line) {
      assert(line.length > 0 && line.length <= MAX_LINE_BYTES);
      const result = reader.read(line);
      found.push(result.ok ? JSON.stringify(result) : result.reason);
    },
    onFault(line, reason) {
      assert(line.length <= MAX_LINE_BYTES);
      found.push(reason);
    },
  }, MAX_LINE_BYTES);
  feed(stream, cuts, (chunk) => splitter.push(chunk));
  splitter.end();
  return found;
}

Deno.test("LineSplitter and JobLineReader survive anything, however it is cut", () => {
  fc.assert(
    fc.property(fc.oneof(bytes, lines), cuts, (stream, cuts) => {
      assertEquals(linesOf(stream, cuts), linesOf(stream, []));
    }),
    { numRuns },
  );
});

Deno.test("JobLineReader.read() gives the job that was written as a line", () => {
  const request = fc.record({
    job: fc.string({ minLength: 1 }),
    data: fc.jsonValue(),
    priority: fc.nat(0xffff_ffff),
    queue: fc.string({ minLength: 1, maxLength: 200 }),
    delayMs: fc.nat(),
  }, { requiredKeys: ["job", "data"] });
  fc.assert(
    fc.property(request, (request) => {
      const line = encoder.encode(JSON.stringify(request));
      const result = new JobLineReader().read(line);
      assert(result.ok && "job" in result);
      const { body, priority, tube, delayMs } = result.job;
      assertEquals([body, priority, tube, delayMs], [
        line,
        request.priority,
        request.queue,
        request.delayMs,
      ]);
    }),
    { numRuns },
  );
});

Deno.test("JobBodyDecoder.decode() survives anything, and gives what encodeJobBody() has written", () => {
  const decoder = new JobBodyDecoder({ A: "a" });
  fc.assert(
    fc.property(fc.oneof(bytes, lines), (bytes) => void decoder.decode(bytes)),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), fc.nat(), (job, data, maxAttempts) => {
      const written = { job, data: JSON.parse(JSON.stringify(data)), maxAttempts };
      const { timeoutMs, backoff, ...rest } = readBody(decoder, encodeJobBody(written));
      assertEquals([rest, timeoutMs, backoff], [written, undefined, undefined]);
    }),
    { numRuns },
  );
});

function readBody(decoder: JobBodyDecoder, bytes: Uint8Array) {
  const result = decoder.decode(bytes);
  assert(result.ok);
  return result.body;
}

function commandsOf(stream: Uint8Array, cuts: number[]): Command[] {
  const found: Command[] = [];
  const reader = new CommandReader(MAX_JOB_BYTES);
  feed(stream, cuts, (chunk) => reader.push(chunk, found));
  return found;
}

Deno.test("CommandReader.push() survives anything, however it is cut", () => {
  fc.assert(
    fc.property(fc.oneof(bytes, commands), cuts, (stream, cuts) => {
      const found = commandsOf(stream, cuts);
      assertEquals(found, commandsOf(stream, []));
      for (const command of found) {
        if (command.op === "put") assert(command.body.length <= MAX_JOB_BYTES);
      }
    }),
    { numRuns },
  );
});

Deno.test("CommandReader.push() gives the jobs that were put", () => {
  const u32 = fc.nat(0xffff_ffff);
  const put = fc.record({
    priority: u32,
    delay: u32,
    ttr: fc.integer({ min: 1, max: 0xffff_ffff }),
    body: fc.uint8Array({ maxLength: MAX_JOB_BYTES }),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 5 }), cuts, (puts, cuts) => {
      const stream = puts.flatMap(({ priority, delay, ttr, body }) => [
        ...encoder.encode(`put ${priority} ${delay} ${ttr} ${body.length}\r\n`),
        ...body,
        13,
        10,
      ]);
      const expected = puts.map(({ priority, delay, ttr, body }) => {
        return { op: "put", priority, delayMs: delay * 1000, ttrMs: ttr * 1000, body } as const;
      });
      assertEquals(commandsOf(Uint8Array.from(stream), cuts), expected);
    }),
    { numRuns },
  );
});

function repliesOf(stream: Uint8Array, cuts: number[]): [ServerReply[], string | null] {
  const found: ServerReply[] = [];
  const reader = new ReplyReader(MAX_JOB_BYTES);
  let fault: string | null = null;
  feed(stream, cuts, (chunk) => fault ??= reader.push(chunk, found));
  return [found, fault];
}

Deno.test("ReplyReader.push() survives anything, however it is cut", () => {
  fc.assert(
    fc.property(fc.oneof(bytes, replies), cuts, (stream, cuts) => {
      assertEquals(repliesOf(stream, cuts), repliesOf(stream, []));
    }),
    { numRuns },
  );
});

function messagesOf(stream: Uint8Array, cuts: number[]): [Uint8Array[], string | null] {
  const found: Uint8Array[] = [];
  const decoder = new RingDecoder(MAX_MESSAGE_BYTES);
  let fault: string | null = null;
  feed(stream, cuts, (chunk) => {
    if (fault !== null) return;
    const result = decoder.push(chunk, found);
    if (!result.ok) fault = result.reason;
  });
  return [found, fault];
}

const frames = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map(encodeRingMessage),
    fc.uint8Array({ maxLength: 9 }),
    fc.constantFrom(Uint8Array.of(1, 0, 0, 0, 6, 9), Uint8Array.of(1, 0, 0, 0, 5)),
  ),
  { maxLength: 10 },
).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

Deno.test("RingDecoder.push() survives anything, and gives what was written, however it is cut", () => {
  fc.assert(
    fc.property(fc.oneof(bytes, frames), cuts, (stream, cuts) => {
      const [found, fault] = messagesOf(stream, cuts);
      assertEquals([found, fault], messagesOf(stream, []));
      for (const message of found) assert(message.length <= MAX_MESSAGE_BYTES);
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: MAX_MESSAGE_BYTES }), { maxLength: 5 }),
      cuts,
      (messages, cuts) => {
        const stream = Uint8Array.from(messages.flatMap((each) => [...encodeRingMessage(each)]));
        assertEquals(messagesOf(stream, cuts), [messages, null]);
      },
    ),
    { numRuns },
  );
});

Deno.test("queueHandler() answers any request without failing", async () => {
  await using loop = new EventLoop();
  await using store = new MemoryJobStore({ loop, maxJobs: 1000 });
  const handler = queueHandler({ store, maxBodyBytes: 250, maxJobs: 3 });
  const part = fc.oneof(
    fc.constantFrom("jobs", "queues", "stats", "default", "kick", "pause", "resume", "1", "%", ""),
    fc.string({ maxLength: 4 }),
  );
  const request = fc.record({
    path: fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
    query: fc.constantFrom(
      "",
      "?state=buried&limit=0",
      "?after=x",
      "?state=no",
      "?limit=5&after=1",
    ),
    method: fc.constantFrom("GET", "POST", "DELETE", "PUT"),
    body: fc.oneof(bytes, lines, fc.json().map((text) => encoder.encode(text))),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, method, body }) => {
      const url = `http://localhost${path}${query}`;
      if (!URL.canParse(url)) return;
      const init = method === "GET" ? { method } : { method, body: body.slice() };
      const response = await handler(new Request(url, init));
      const answer = await response.json();
      const isFine = [200, 400, 404, 413, 503].includes(response.status);
      assert(isFine, `${method} ${url}: ${response.status}`);
      if (!response.ok) assert(answer.error.startsWith("Cannot "), answer.error);
    }),
    { numRuns },
  );
});
