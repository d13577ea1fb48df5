import { assertEquals } from "@std/assert";
import { parseCookies } from "../../../websocket/protocol/cookies.ts";

Deno.test("parseCookies() reads names and values, the first of equal names", () => {
  const cookies = parseCookies('sid=s%3Aabc.def=; theme="dark"; sid=other; ;=x; flag');
  assertEquals([...cookies], [["sid", "s%3Aabc.def="], ["theme", "dark"]]);
});

Deno.test("parseCookies() is not confused by names of objects' properties", () => {
  assertEquals(parseCookies("__proto__=1").get("__proto__"), "1");
});
