import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ModstampGateway } from "../../modstamp/http/mod.ts";
import { MemoryModstampStore, StoreSource } from "../../modstamp/mod.ts";
import { changesOf } from "../modstamp/store_conformance.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 1000);
const BASE = "http://localhost/v1/modstamps";

const strange = fc.string({ unit: fc.constantFrom(..."/?&=%.a1:_- é\0#\\"), maxLength: 20 });
const path = fc.oneof(
  strange,
  strange.map((text) => `/${encodeURIComponent(text)}`),
  strange.map((text) => `?id=${encodeURIComponent(text)}`),
  fc.constantFrom("/a", "/a?known=", "/a?wait=0", "/a?known=x&wait=0.001", "?id=a&id=b", "?id="),
);
const line = fc.string({ unit: fc.constantFrom(...'ab1-_,"*/; W'), maxLength: 40 });
const headers = fc.record({
  accept: fc.oneof(line, fc.constant("text/event-stream")),
  authorization: fc.oneof(line, fc.constant("Bearer secret")),
  "content-type": fc.oneof(line, fc.constantFrom("application/json", "text/plain")),
  "if-none-match": line,
  "last-event-id": fc.oneof(line, fc.base64String({ maxLength: 80 })),
  origin: line,
  "access-control-request-method": line,
}, { requiredKeys: [] });
const method = fc.constantFrom("GET", "HEAD", "PUT", "OPTIONS", "POST", "DELETE", "PATCH");
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc.record({ value: fc.string(), base64: fc.string(), strategy: fc.string() }, {
    requiredKeys: [],
  }).map((value) => new TextEncoder().encode(JSON.stringify(value))),
);

Deno.test("ModstampGateway.fetch() answers whatever comes, and is never surprised", async () => {
  await using source = await StoreSource.open(new MemoryModstampStore());
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  using gateway = new ModstampGateway({ source, token: "secret", onError, waitMs: 1 });
  await fc.assert(
    fc.asyncProperty(method, path, headers, body, async (method, path, headers, body) => {
      const hasBody = method !== "GET" && method !== "HEAD";
      const init = { method, headers, body: hasBody ? new Uint8Array(body) : undefined };
      const response = await gateway.fetch(new Request(BASE + path, init));
      assert(response.status < 500, `${method} ${path}: ${response.status}`);
      const type = response.headers.get("content-type");
      if (type === "application/json" && method !== "HEAD") await response.json();
      else await response.body?.cancel();
      assertEquals(errors, []);
    }),
    { numRuns },
  );
  assertEquals(gateway.stats().streams, 0);
});

/** What happens to a stream: a value changes, the client reads, or it connects anew. */
const step = fc.oneof(
  fc.record({ id: fc.constantFrom("a", "b", "c"), value: fc.constantFrom("", "1", "2") }),
  fc.constantFrom("read" as const, "cut" as const),
);

Deno.test("ModstampGateway tells after a break exactly what has changed, at any gateway", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using source = await StoreSource.open(new MemoryModstampStore());
      const client = new Client(source);
      for (const step of steps) {
        if (step === "read") await client.read();
        else if (step === "cut") await client.reconnect();
        else await source.change(changesOf({ [step.id]: step.value }));
      }
      await client.reconnect();
      await client.close();
    }),
    { numRuns: Math.ceil(numRuns / 10) },
  );
});

/** A client that knows what it was told. */
class Client {
  readonly #source: StoreSource;
  readonly #known = new Map<string, string>();
  #lastEventId = "";
  #gateway!: ModstampGateway;
  #reader: ReadableStreamDefaultReader<string> | null = null;

  constructor(source: StoreSource) {
    this.#source = source;
  }

  async reconnect(): Promise<void> {
    await this.close();
    this.#gateway = new ModstampGateway({ source: this.#source });
    const headers = { accept: "text/event-stream", "last-event-id": this.#lastEventId };
    const response = await this.#gateway.fetch(
      new Request(`${BASE}?id=a&id=b&id=c`, { headers }),
    );
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    await this.#reader.read();
    const expected = ["a", "b", "c"].filter((id) => this.#known.get(id) !== this.#value(id));
    const told = expected.length > 0 ? await this.read() : [];
    assertEquals(told, expected);
    for (const id of ["a", "b", "c"]) assertEquals(this.#known.get(id), this.#value(id));
  }

  /** Reads a chunk, if there is one; the ids that it told. */
  async read(): Promise<string[]> {
    const isNew = ["a", "b", "c"].some((id) => this.#known.get(id) !== this.#value(id));
    if (this.#reader === null || !isNew) return [];
    const { value } = await this.#reader.read();
    return value!.split("\n\n").filter(Boolean).map((event) => {
      const [, token, json] = /^id: (\S+)\ndata: (.*)$/.exec(event)!;
      const modstamp = JSON.parse(json!);
      this.#lastEventId = token!;
      this.#known.set(modstamp.id, modstamp.value);
      return modstamp.id;
    });
  }

  async close(): Promise<void> {
    if (this.#reader === null) return;
    await this.#reader.cancel();
    this.#gateway[Symbol.dispose]();
    this.#reader = null;
  }

  #value(id: string): string {
    return String.fromCharCode(...this.#source.value(id) ?? []);
  }
}
