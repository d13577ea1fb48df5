import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { picture } from "./dashboard.ts";
import { Program, runProgram } from "./program.ts";

const { ignore, suffix } = need("chromium");
const SERVER = ["modstamp/server.ts", "--store", "memory:", "--hostname", "127.0.0.1"];

Deno.test({
  name: `the dashboard of a modstamp server shows changes live${suffix}`,
  ignore,
  async fn() {
    await using server = Program.start([...SERVER, "--port", "0", "--http", "0"]);
    const [, port] = await server.line(/:(\d+) \(udp\)/);
    const [, http] = await server.line(/:(\d+) \(http\)/);
    await using browser = await Browser.start();
    const page = await browser.page(`http://127.0.0.1:${http}/dashboard`);
    await page.until("document.getElementById('status')?.textContent === 'live'");
    const sent = await runProgram([
      "modstamp/client.ts",
      "send",
      `127.0.0.1:${port}`,
      "prices=<i>2</i>",
      "news:today=1",
    ]);
    assertEquals(sent.code, 0);
    await page.until("document.querySelector('#part-ids').textContent.includes('<i>2</i>')");
    assertEquals(await page.evaluate("document.querySelectorAll('form[method=post]').length"), 0);
    await page.show({ width: 1200, height: 900 });
    await picture(page, "modstamp");
    await page.show({ width: 390, height: 844, dark: true });
    await picture(page, "modstamp-phone-dark");
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    assertEquals(await server.end("SIGTERM"), 0);
  },
});
