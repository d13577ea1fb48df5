import { assertEquals } from "@std/assert";
import { JobLineDecoder, type JobLineOptions } from "../../php/mod.ts";
import vectors from "../vectors/php-jobs.json" with { type: "json" };
import { bytes } from "./text.ts";

function decoded(line: string, options: JobLineOptions): unknown {
  const result = new JobLineDecoder(options).decode(bytes(line));
  return result.ok ? [result.job, result.data] : `${result.error.code}: ${result.error.reason}`;
}

const jobs = ["HelloWorldJob"];
const HELLO = 'O:13:"HelloWorldJob":1:{s:7:"~*~data";s:9:"Christoph";}';

for (const { note, hex, json } of vectors.cases) {
  Deno.test(`JobLineDecoder.decode() reads ${note}`, () => {
    const decoder = new JobLineDecoder({ jobs, classes: ["Pub"] });
    const result = decoder.decode(Uint8Array.fromHex(hex));
    assertEquals<unknown>(result, { ok: true, job: json.class, data: json.data });
  });
}

Deno.test("JobLineDecoder.decode() takes a line with or without its end", () => {
  for (const end of ["", "\n", "\r\n"]) {
    assertEquals(decoded(HELLO + end, { jobs }), ["HelloWorldJob", "Christoph"]);
  }
  assertEquals(decoded(`${HELLO}\n\n`, { jobs }), "malformed: Data follow the value");
  assertEquals(decoded(`${HELLO} `, { jobs }), "malformed: Data follow the value");
});

Deno.test("JobLineDecoder.decode() gives a class the name of its job", () => {
  const line = 'O:9:"App\\Hello":1:{s:4:"data";i:1;}';
  assertEquals(decoded(line, { jobs: { "App\\Hello": "hello" } }), ["hello", 1]);
  assertEquals(decoded(line, { jobs: new Set(["App\\Hello"]) }), ["App\\Hello", 1]);
});

Deno.test("JobLineDecoder.decode() refuses classes that are not named", () => {
  assertEquals(decoded(HELLO, { jobs: ["Other"] }), 'refused: Class "HelloWorldJob" is no job');
  assertEquals(decoded(HELLO, { jobs: {} }), 'refused: Class "HelloWorldJob" is no job');
  const proto = 'O:9:"__proto__":1:{s:4:"data";N;}';
  assertEquals(decoded(proto, { jobs: {} }), 'refused: Class "__proto__" is no job');
  const nested = 'O:13:"HelloWorldJob":1:{s:4:"data";a:1:{i:3;O:3:"Pub":0:{}}}';
  assertEquals(decoded(nested, { jobs }), 'refused: Class "Pub" is not allowed at "3"');
  assertEquals(decoded(nested, { jobs, classes: ["Pub"] }), ["HelloWorldJob", { "3": {} }]);
});

Deno.test("JobLineDecoder.decode() refuses what is no object with the property", () => {
  assertEquals(decoded('s:1:"a";', { jobs }), "refused: The line is no object");
  assertEquals(decoded("a:0:{}", { jobs }), "refused: The line is no object");
  const empty = 'O:13:"HelloWorldJob":0:{}';
  assertEquals(decoded(empty, { jobs }), "refused: The job has no property data");
  assertEquals(decoded('{"job":"x"}', { jobs }), "malformed: Expected a value");
  assertEquals(decoded(HELLO.slice(0, -1), { jobs }), "incomplete: The input ends too early");
});

Deno.test("JobLineDecoder.decode() takes another property or all when it is told to", () => {
  const line = 'O:13:"HelloWorldJob":2:{s:2:"to";s:1:"x";s:16:"~HelloWorldJob~n";i:3;}';
  assertEquals(decoded(line, { jobs, property: "to" }), ["HelloWorldJob", "x"]);
  assertEquals(decoded(line, { jobs, property: null }), ["HelloWorldJob", { to: "x", n: 3 }]);
});

Deno.test("JobLineDecoder.decode() refuses data that JSON cannot hold", () => {
  const line = (data: string) => `O:13:"HelloWorldJob":1:{s:4:"data";${data}}`;
  assertEquals(decoded(line("d:INF;"), { jobs }), "refused: JSON has no INF in the data");
  const big = line('a:1:{s:2:"id";i:9007199254740993;}');
  assertEquals(decoded(big, { jobs }), 'refused: Integer 9007199254740993 is over 53 bits at "id"');
  assertEquals(
    decoded(big, { jobs, unsafeIntegers: "string" }),
    ["HelloWorldJob", { id: "9007199254740993" }],
  );
  const cycle = String(decoded(line("a:1:{i:0;r:1;}"), { jobs, classes: jobs }));
  assertEquals(cycle.startsWith("refused: Nested deeper than 512 levels at"), true);
});

Deno.test("JobLineDecoder.decode() keeps to its limits", () => {
  assertEquals(decoded(HELLO, { jobs, maxBytes: 20 }), "limit: Longer than 20 bytes");
  assertEquals(decoded(HELLO, { jobs, maxElements: 0 }), "limit: More than 0 entries");
});
