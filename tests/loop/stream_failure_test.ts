import { assertEquals } from "@std/assert";
import { streamFailure } from "../../loop/stream_failure.ts";

Deno.test("streamFailure() sorts the system's errors", () => {
  const codes = [
    "ECONNRESET",
    "EPIPE",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENOTFOUND",
    "EIO",
    undefined,
  ].map((errno) => streamFailure("read from stream", errno).code);
  assertEquals(codes, [
    "reset",
    "reset",
    "refused",
    "timeout",
    "unreachable",
    "address",
    "failed",
    "failed",
  ]);
});

Deno.test("streamFailure() says what could not be done and why", () => {
  const cause = new TypeError("Inner");
  const error = streamFailure("connect to [::1]:80", "ECONNREFUSED", { cause });
  assertEquals(error.message, "Cannot connect to [::1]:80 as nobody listens there");
  assertEquals([error.name, error.cause], ["StreamError", cause]);
  const otherwise = { code: "tls", reason: "what came is no TLS" } as const;
  const other = streamFailure("read from stream", undefined, { cause, otherwise });
  assertEquals([other.message, other.code], [
    "Cannot read from stream as what came is no TLS",
    "tls",
  ]);
});
