import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { Program } from "./program.ts";

const { ignore, suffix } = need("chromium");

Deno.test({
  name: `a page of another site watches and changes modstamps when its origin is let in${suffix}`,
  ignore,
  async fn() {
    await using site = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
      () => new Response("<!doctype html><title>other</title>", { headers: HTML }),
    );
    const origin = `http://127.0.0.1:${site.addr.port}`;
    const token = await Deno.makeTempFile();
    await Deno.writeTextFile(token, "secret");
    const start = async (...flags: string[]): Promise<[Program, string]> => {
      const common = ["--port", "0", "--store", "memory:", "--http", "0", "--token", token];
      const server = Program.start(["modstamp/server.ts", ...common, ...flags]);
      const [, port] = await server.line(/:(\d+) \(http\)/);
      return [server, `http://127.0.0.1:${port}/v1/modstamps`];
    };
    const [open, base] = await start("--origins", origin);
    await using _open = open;
    const [shut, closed] = await start();
    await using _shut = shut;
    await using browser = await Browser.start();
    const page = await browser.page(origin);
    await page.until("document.title === 'other'");

    await page.evaluate(`void (() => {
      globalThis.seen = [];
      const source = new EventSource("${base}?id=a");
      source.onmessage = ({ data }) => seen.push(JSON.parse(data).value);
    })()`);
    const put = (base: string): string =>
      `fetch("${base}/a", {
        method: "PUT",
        headers: { authorization: "Bearer secret" },
        body: "from afar",
      }).then((response) => response.headers.get("etag") !== null, () => "refused")`;
    assertEquals(await page.evaluate(put(base)), true);
    await page.until("seen.at(-1) === 'from afar'");
    assertEquals(await page.evaluate(put(closed)), "refused");
    const get = `fetch("${closed}/a").then(() => "read", () => "refused")`;
    assertEquals(await page.evaluate(get), "refused");
    assertEquals(await (await fetch(`${closed}/a`)).json(), { id: "a", value: "" });
  },
});

const HTML = { "content-type": "text/html" };
