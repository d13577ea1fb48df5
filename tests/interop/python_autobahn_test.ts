import { assertEquals } from "@std/assert";
import { type Application, WampServer } from "../../websocket/mod.ts";
import { need } from "../needs.ts";
import { serve } from "./wamp_scene.ts";

const { ignore, suffix } = need("python3-autobahn");

/** What a script tells. */
async function run(script: string, args: string[]): Promise<unknown> {
  const { pathname } = new URL(script, import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command("/usr/bin/python3", {
    args: [pathname, ...args],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new TypeError(`${script} fails: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

const ECHO: Application = { onMessage: (connection, message) => void connection.send(message) };

for (const form of ["plain", "deflate"]) {
  Deno.test({
    name: `Python's autobahn gets its messages back, ${form}${suffix}`,
    ignore,
    async fn() {
      await using served = await serve(() => ECHO);
      assertEquals(await run("python_autobahn_echo.py", [served.url, form]), {
        clean: true,
        code: 3000,
        pongs: 16,
        deflate: form === "deflate",
      });
    },
  });
}

for (const form of ["json", "msgpack"]) {
  Deno.test({
    name:
      `Python's autobahn comes in by a ticket, subscribes, publishes and calls in ${form}${suffix}`,
    ignore,
    async fn() {
      await using served = await serve((loop) =>
        new WampServer({
          onCall: (_connection, { args }) => args.reduce((sum: number, n) => sum + Number(n), 0),
        }, {
          loop,
          ticket: ({ authId, ticket }) =>
            ticket === "secret" ? { authId, authRole: "admin" } : null,
          authorize: (_connection, { uri }) => uri !== "app.none",
        })
      );
      assertEquals(await run("python_autobahn_wamp.py", [served.url, form, "secret"]), {
        role: "admin",
        acknowledged: true,
        event: [[1, "zwei"], { drei: [3] }],
        pattern: ["prefix", "now"],
        progress: [0, 1, 2],
        result: "done",
        sum: 6,
        missing: "wamp.error.not_authorized",
        late: "wamp.error.timeout",
      });
      assertEquals(await run("python_autobahn_wamp.py", [served.url, form, "guess"]), {
        refused: "wamp.error.authentication_denied",
      });
    },
  });
}
