import { assertEquals } from "@std/assert";
import { statusText } from "../../prefork/_status_text.ts";
import { STATUS } from "./status.ts";

Deno.test("statusText() writes a table", () => {
  assertEquals(
    statusText(STATUS),
    `supervisor 42 on 127.0.0.1:8000 (reuseport), up 1 h 2 min
1 of 2 workers ready, 2 crashed, 1 killed, 4 reloads, CRASH LOOP
notice: Something can't be promised
worker  pid  state    up         memory  requests
1       100  ready    1 min 1 s  50 MiB  12
2       101  booting  0.1 s      0 MiB   0`,
  );
});

Deno.test("statusText() says when there is no port", () => {
  const text = statusText({ ...STATUS, port: 0, uptimeMs: 86_400_000 * 3 });
  assertEquals(text.split("\n")[0], "supervisor 42 on no port, up 3 d");
});
