import { assertEquals } from "@std/assert";
import { showsToken } from "../../loop/mod.ts";

function shows(authorization: string | null, token: string): boolean {
  const headers = authorization === null ? undefined : { authorization };
  return showsToken(new Request("http://localhost", { headers }), token);
}

Deno.test("showsToken() tells whether a request shows the token, and all of it", () => {
  assertEquals(shows("Bearer secret", "secret"), true);
  assertEquals(shows("bearer  secret", "secret"), true);
  const others = [null, "", "secret", "Bearer", "Bearer ", "Basic secret", "Bearer secre"];
  others.push("Bearer secrets", "Bearer Secret", "Bearer secret secret", "XBearer secret");
  assertEquals(others.filter((each) => shows(each, "secret")), []);
});

Deno.test("showsToken() lets nobody show an empty token", () => {
  assertEquals([null, "", "Bearer", "Bearer ", "Bearer x"].filter((each) => shows(each, "")), []);
});
