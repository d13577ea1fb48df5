import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { logIn, picture, tabTo } from "./dashboard.ts";
import { app, Supervised } from "./prefork/supervised.ts";

const { ignore, suffix } = need("chromium");

Deno.test({
  name: `the dashboard of a supervisor shows its workers and reloads them${suffix}`,
  ignore,
  async fn() {
    using free = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = free.addr;
    free.close();
    const env = { SLUICE_CONTROL_TOKEN: "sesame" };
    await using supervised = await Supervised.start(`${app("app")} -w 2 --status ${port}`, { env });
    const base = `http://127.0.0.1:${port}/dashboard`;
    await using browser = await Browser.start();
    const page = await browser.page(base);
    await page.show({ width: 1200, height: 900 });
    const pids = "[...document.querySelectorAll('tbody tr')].map((row) => row.dataset.key).join()";
    await page.until("document.querySelectorAll('tbody .good').length === 2");
    assertEquals(await page.evaluate("document.querySelectorAll('form').length"), 0);
    const before = await page.evaluate(pids);
    await page.visit(`${base}/login`);
    await logIn(page, "sesame");
    for (let i = 0; i < 20; i++) await supervised.get();
    await page.until("document.querySelector('#part-requests polyline') !== null");
    await tabTo(page, "button", "Reload");
    await page.press("Enter");
    await page.until("document.querySelector('.message')?.textContent.includes('replaced')");
    await page.until("document.querySelector('#part-numbers').textContent.match(/reloads\\s*1/)");
    await page.until(`document.querySelectorAll('tbody .good').length === 2 &&
      document.querySelectorAll('tbody tr').length === 2`);
    assertEquals(await page.evaluate(pids) === before, false);
    await picture(page, "prefork");
    await page.show({ width: 390, height: 844, dark: true });
    await picture(page, "prefork-phone-dark");
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    await supervised.stop();
  },
});
