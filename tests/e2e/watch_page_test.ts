import { assertEquals } from "@std/assert";
import { freePort } from "../redis/redis_server.ts";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { picture, tabTo } from "./dashboard.ts";
import { Program } from "./program.ts";

const { ignore, suffix } = need("chromium");
const EVIL = "</code><img src=x onerror='globalThis.isHacked = true'>";

Deno.test({
  name: `the page that watches modstamps is live, and goes on after a restart${suffix}`,
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    const port = freePort();
    const start = async (): Promise<Program> => {
      const flags = ["--port", "0", "--store", `kv:${folder}/m.db`, "--http", `${port}`];
      const server = Program.start(["modstamp/server.ts", ...flags, "--http-writers", "all"]);
      await server.line(/\(http\)/);
      return server;
    };
    const put = async (id: string, body: string): Promise<void> => {
      const url = `http://127.0.0.1:${port}/v1/modstamps/${id}`;
      const response = await fetch(url, { method: "PUT", body });
      assertEquals((await response.json()).id, id);
    };
    const shows = (id: string, text: string): string =>
      `document.querySelector('[data-key="${id}"] code')?.textContent === ${JSON.stringify(text)}`;
    const isLive = "document.getElementById('status')?.textContent === 'live'";

    const first = await start();
    await put("prices", "v1");
    await using browser = await Browser.start();
    const page = await browser.page(`http://127.0.0.1:${port}/watch`);
    await page.show({ width: 1200, height: 700 });
    await page.until("document.readyState === 'complete'");
    await tabTo(page, "input", "");
    for (const letter of "prices stock:eu news") await page.press(letter);
    await page.press("Enter");
    await page.until(isLive);
    await page.until(shows("prices", "v1"));
    await put("stock:eu", EVIL);
    await page.until(shows("stock:eu", EVIL));
    await picture(page, "watch");
    assertEquals(await page.evaluate("globalThis.isHacked"), undefined);

    assertEquals(await first.end("SIGKILL"), 137);
    await page.until("document.getElementById('status')?.textContent === 'not live'");
    await using second = await start();
    await put("prices", "v2");
    await page.until(isLive);
    await page.until(shows("prices", "v2"));
    await page.show({ width: 390, height: 844, dark: true });
    await picture(page, "watch-phone-dark");
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    await tabTo(page, "a", "Remove");
    await page.press("Enter");
    await page.until("document.querySelectorAll('[data-key]').length === 2");
    assertEquals(await second.end("SIGTERM"), 0);
  },
});
