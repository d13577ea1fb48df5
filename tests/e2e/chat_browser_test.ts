import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser, type Page } from "./browser.ts";
import { Program } from "./program.ts";

const { ignore, suffix } = need("chromium");
const MAIN = "examples/chat/main.ts";
const LINES = "[...document.querySelectorAll('#lines li')].map((item) => item.textContent)";

/** Fills a field and sends its form. */
async function submit(page: Page, field: string, text: string): Promise<void> {
  await page.evaluate(`(() => {
    const field = document.getElementById(${JSON.stringify(field)});
    field.value = ${JSON.stringify(text)};
    field.form.requestSubmit();
  })()`);
}

Deno.test({
  name: `two browsers chat, and a name survives a reload and a restart${suffix}`,
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "sluice-" });
    {
      const store = `${folder}/chat.sqlite3`;
      await using chat = Program.start([MAIN, "--port", "0", "--store", store]);
      const [, url] = await chat.line(/listening on (\S+)/);
      await using browser = await Browser.start();
      const [a, b] = [await browser.page(url), await browser.page(url)];
      for (const page of [a, b]) {
        await page.until("document.getElementById('name')?.value === 'somebody'");
        await page.until("document.getElementById('indicator').textContent === '2 here'");
      }
      await submit(a, "name", "Zoë <b>");
      await submit(a, "text", "Hello <i>there</i>");
      await b.until(`${LINES}.length === 1`);
      assertEquals(await b.evaluate(LINES), ["Zoë <b>Hello <i>there</i>"]);
      await a.evaluate(`(() => {
        const field = document.getElementById("text");
        field.value = "x";
        field.dispatchEvent(new Event("input"));
      })()`);
      await b.until("document.getElementById('indicator').textContent.includes('Zoë <b> typing')");
      const picture = Deno.env.get("SLUICE_SCREENSHOT");
      if (picture !== undefined) await Deno.writeFile(picture, await b.screenshot());
      await a.reload();
      await a.until("document.getElementById('name').value === 'Zoë <b>'");
      await a.until(`${LINES}.length === 1`);

      await a.evaluate("document.getElementById('name').value = ''");
      assertEquals(await chat.end("SIGTERM"), 0);
      await submit(b, "text", "Still here");
      const { port } = new URL(url);
      await using again = Program.start([MAIN, "--port", port, "--store", store]);
      await again.line(/listening on (\S+)/);
      await a.until("document.getElementById('name').value === 'Zoë <b>'");
      await a.until(`${LINES}.join() === 'somebodyStill here'`);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
