import { assertEquals } from "@std/assert";
import { JobLineReader } from "../../../queue/line/job_line_reader.ts";
import vectors from "../../vectors/php-jobs.json" with { type: "json" };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is wrong with a line. */
function faultOf(text: string, reader = new JobLineReader()): string | undefined {
  const result = reader.read(encoder.encode(text));
  return result.ok ? undefined : result.reason;
}

Deno.test("JobLineReader.read() takes a job with its options", () => {
  const line = '{"job":"resize","data":[1],"queue":"images","priority":3,"delayMs":500,' +
    '"maxAttempts":2,"timeoutMs":1000,"ttlMs":9,"key":"k","concurrencyKey":"c","keepResultMs":7}';
  const result = new JobLineReader().read(encoder.encode(line));
  assertEquals(result, {
    ok: true,
    job: {
      body: encoder.encode(line),
      tube: "images",
      priority: 3,
      delayMs: 500,
      ttrMs: 16_000,
      maxAttempts: 2,
      ttlMs: 9,
      key: "k",
      concurrencyKey: "c",
      keepResultMs: 7,
    },
  });
});

Deno.test("JobLineReader.read() tells what is wrong with a line", () => {
  assertEquals(faultOf("hello"), "Cannot take job as it is no JSON");
  assertEquals(faultOf("[]"), "Cannot take job as it is no object");
  assertEquals(faultOf('{"data":1}'), "Cannot take job as it names no job");
  assertEquals(
    faultOf('{"job":"a","delayMs":"1"}'),
    "Cannot take job as its delayMs is no number",
  );
  assertEquals(faultOf('{"job":"a","key":1}'), "Cannot take job as its key is no text");
  assertEquals(
    faultOf('{"job":"a","backoff":"soon"}'),
    "Cannot take job as its backoff is neither a number nor a rule",
  );
  const broken = new JobLineReader().read(new Uint8Array([0x22, 0xff, 0x22]));
  assertEquals(broken, { ok: false, reason: "Cannot take job as it is not UTF-8" });
});

Deno.test("JobLineReader.read() takes jobs of PHP whose class is allowed", () => {
  const reader = new JobLineReader({
    php: { jobs: { HelloWorldJob: "hello" }, classes: ["stdClass", "Pub"] },
  });
  const [first] = vectors.cases;
  const line = Uint8Array.from(first.hex.match(/../g)!, (pair) => parseInt(pair, 16));
  const result = reader.read(line);
  assertEquals(
    result.ok && "job" in result && JSON.parse(decoder.decode(result.job.body)),
    { job: "hello", data: "Christoph" },
  );
  assertEquals(
    faultOf(decoder.decode(line)),
    'Cannot take job of PHP: Class "HelloWorldJob" is no job',
  );
});
