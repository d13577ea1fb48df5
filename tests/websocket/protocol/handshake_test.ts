import { assert, assertEquals } from "@std/assert";
import { acceptKey, isHandshakeKey } from "../../../websocket/protocol/accept_key.ts";
import { type Handshake, readHandshake } from "../../../websocket/protocol/handshake.ts";
import { findHeadEnd, parseRequestHead } from "../../../websocket/protocol/request_head.ts";
import { type Fields, handshakeHead } from "../wire/raw_client.ts";

function read(bytes: Uint8Array<ArrayBuffer>, secure = false): Handshake | number {
  const head = parseRequestHead(bytes, { maxFields: 20 });
  if ("status" in head) return head.status;
  const handshake = readHandshake(head, { secure });
  return "status" in handshake ? handshake.status : handshake;
}

function accepted(fields?: Fields, line?: string): Handshake {
  const handshake = read(handshakeHead(fields, line));
  assert(typeof handshake !== "number", `refused with ${handshake}`);
  return handshake;
}

Deno.test("acceptKey() gives what RFC 6455 gives as an example", () => {
  assertEquals(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

Deno.test("isHandshakeKey() wants 16 bytes in base64", () => {
  assert(isHandshakeKey("dGhlIHNhbXBsZSBub25jZQ=="));
  for (const key of ["", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZQ==", "*".repeat(24)]) {
    assertEquals(isHandshakeKey(key), false);
  }
});

Deno.test("readHandshake() reads the URL, subprotocols and extensions", () => {
  const handshake = accepted({
    "Sec-WebSocket-Protocol": "chat, superchat",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  });
  assertEquals(handshake.href, "ws://server.example/path?query");
  assertEquals(handshake.subprotocols, ["chat", "superchat"]);
  assertEquals(handshake.extensions, [
    { name: "permessage-deflate", parameters: [["client_max_window_bits", true]] },
  ]);
});

Deno.test("readHandshake() takes tokens in lists and any case", () => {
  accepted({ "Upgrade": "h2c, WebSocket", "Connection": "keep-alive, UPGRADE" });
});

Deno.test("readHandshake() takes an absolute target", () => {
  const { href } = accepted({}, "GET http://other.example:81/x HTTP/1.1");
  assertEquals(href, "ws://other.example:81/x");
});

Deno.test("readHandshake() tells an encrypted connection by its scheme", () => {
  const handshake = read(handshakeHead(), true) as Handshake;
  assertEquals(handshake.href, "wss://server.example/path?query");
});

const REFUSED: [what: string, status: number, fields: Fields, line?: string][] = [
  ["the method is POST", 405, {}, "POST / HTTP/1.1"],
  ["HTTP/1.0 is spoken", 426, {}, "GET / HTTP/1.0"],
  ["HTTP/2.0 is spoken", 505, {}, "GET / HTTP/2.0"],
  ["the request line is malformed", 400, {}, "GET  / HTTP/1.1"],
  ["the method is no token", 400, {}, "G(T / HTTP/1.1"],
  ["the target is no path", 400, {}, "GET nowhere HTTP/1.1"],
  ["the target has a fragment", 400, {}, "GET /#x HTTP/1.1"],
  ["there is no Host", 400, { Host: undefined }],
  ["Host holds a path", 400, { Host: "a/b" }],
  ["Host holds a user", 400, { Host: "user@host" }],
  ["Host is empty", 400, { Host: "" }],
  ["Upgrade is missing", 426, { Upgrade: undefined }],
  ["Upgrade is something else", 426, { Upgrade: "h2c" }],
  ["Connection is missing", 426, { Connection: undefined }],
  ["Connection does not say upgrade", 426, { Connection: "keep-alive" }],
  ["the version is missing", 400, { "Sec-WebSocket-Version": undefined }],
  ["the version is 8", 426, { "Sec-WebSocket-Version": "8" }],
  ["the key is missing", 400, { "Sec-WebSocket-Key": undefined }],
  ["the key is too short", 400, { "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" }],
  ["the key is no base64", 400, { "Sec-WebSocket-Key": "*".repeat(24) }],
  ["there is a body", 400, { "Content-Length": "3" }],
  ["the body is chunked", 400, { "Transfer-Encoding": "chunked" }],
  ["a subprotocol is empty", 400, { "Sec-WebSocket-Protocol": "a,,b" }],
  ["a subprotocol is no token", 400, { "Sec-WebSocket-Protocol": "a b" }],
  ["a subprotocol is offered twice", 400, { "Sec-WebSocket-Protocol": "a, a" }],
  ["the extensions are malformed", 400, { "Sec-WebSocket-Extensions": "a=b" }],
  ["a field name has a blank", 400, { "X-Bad ": "x" }],
  ["a field is folded", 400, { "X-Folded": "a\r\n b" }],
  ["a field holds a control character", 400, { "X-Bad": "a\x00b" }],
  ["a field holds a lone line feed", 400, { "X-Bad": "a\nX-Smuggled: b" }],
];
for (const [what, status, fields, line] of REFUSED) {
  Deno.test(`readHandshake() refuses with ${status} when ${what}`, () => {
    assertEquals(read(handshakeHead(fields, line)), status);
  });
}

for (const name of ["Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin"]) {
  Deno.test(`readHandshake() refuses with 400 when ${name} occurs twice`, () => {
    const head = new TextDecoder().decode(handshakeHead({ Origin: "http://a" }));
    const doubled = head.replace(new RegExp(`${name}: .*\r\n`), (line) => line + line);
    assertEquals(read(new TextEncoder().encode(doubled)), 400);
  });
}

Deno.test("parseRequestHead() refuses with 431 when there are too many fields", () => {
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`X-${i}`, "x"]));
  assertEquals(read(handshakeHead(fields)), 431);
});

Deno.test("findHeadEnd() finds the empty line, wherever the head was cut", () => {
  const bytes = new TextEncoder().encode("a\r\nb\n\r\n\r\nrest");
  for (let from = 0; from <= bytes.length; from++) {
    const end = findHeadEnd(bytes, from);
    assertEquals(end, from <= 8 ? 9 : -1, `from ${from}`);
  }
  assertEquals(findHeadEnd(bytes.subarray(0, 8), 0), -1);
});
