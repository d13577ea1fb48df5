import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSessionId, SessionCookie, signCookie, unsignCookie } from "../../../websocket/mod.ts";
import { vectors } from "./vectors.ts";

const [express] = vectors.express;
const [, signed] = express.cookie.split("=");
const id = express.redis_key.slice("sess:".length);

Deno.test("SessionCookie.read() takes the cookie that express-session has signed", () => {
  const cookie = new SessionCookie({ name: "connect.sid", secrets: ["newer", express.secret] });
  assertEquals(cookie.read(new Map([["connect.sid", signed]])), id);
});

Deno.test("SessionCookie.format() gives the bytes that express-session has signed", () => {
  const cookie = new SessionCookie({ name: "connect.sid", secrets: [express.secret] });
  assertEquals(cookie.format(id).split(";")[0], express.cookie);
});

Deno.test("SessionCookie.read() refuses what was not signed here", () => {
  const cookie = new SessionCookie({ name: "connect.sid", secrets: ["other"] });
  const forged = [signed, id, `s:${id}`, `s:${id}.`, `s%3A${id}.x`, "s:.", "%", "%ff", ""];
  for (const value of forged) assertEquals(cookie.read(new Map([["connect.sid", value]])), null);
  assertEquals(cookie.read(new Map()), null);
});

Deno.test("SessionCookie.read() refuses what can be no id", () => {
  const cookie = new SessionCookie();
  const values = [
    "short",
    "../".repeat(10),
    "a".repeat(129),
    `${"a".repeat(30)}%00`,
    "a b".repeat(9),
  ];
  for (const value of values) assertEquals(cookie.read(new Map([["sid", value]])), null);
  assertEquals(cookie.read(new Map([["sid", "a".repeat(22)]])), "a".repeat(22));
});

Deno.test("SessionCookie.format() writes the attributes", () => {
  const cookie = new SessionCookie({ secure: true, sameSite: "None", path: "/a", maxAgeMs: 1500 });
  assertEquals(
    cookie.format("x"),
    "sid=x; Path=/a; HttpOnly; SameSite=None; Secure; Max-Age=2",
  );
});

Deno.test("SessionCookie.constructor() refuses what would break the header field", () => {
  assertThrows(() => new SessionCookie({ name: "a=b" }), SyntaxError);
  assertThrows(() => new SessionCookie({ path: "/;x" }), SyntaxError);
  assertThrows(() => new SessionCookie({ secrets: [""] }), RangeError);
});

Deno.test("unsignCookie() finds each change of a signed value", () => {
  const value = signCookie("value", "secret");
  assertEquals(unsignCookie(value, ["secret"]), "value");
  for (let at = 0; at < value.length; at++) {
    const changed = value.slice(0, at) + (value[at] === "x" ? "y" : "x") + value.slice(at + 1);
    assertEquals(unsignCookie(changed, ["secret"]), null, changed);
  }
});

Deno.test("isSessionId() takes the ids of PHP and express-session", () => {
  assert(isSessionId("v".repeat(vectors.php_cookie.id_length)));
  assert(isSessionId(id));
  assert(isSessionId(`${"A-,9".repeat(6)}`));
  assert(!isSessionId(`${id}\n`));
});
