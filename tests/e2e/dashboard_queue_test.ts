import { assert, assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { logIn, picture, tabTo } from "./dashboard.ts";
import { Program } from "./program.ts";

const { ignore, suffix } = need("chromium");
const EVIL = "</script><img src=x onerror='globalThis.isHacked = true'>";
const FLAGS = ["--store", "memory:", "--line", "0", "--beanstalk", "0", "--http", "0"];

Deno.test({
  name:
    `the dashboard of a queue is live, works without a mouse and runs no foreign script${suffix}`,
  ignore,
  async fn() {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, "secret\n");
    await using server = Program.start(["queue/server.ts", ...FLAGS, "--token", file]);
    const [, port] = await server.line(/:(\d+) \(http\)/);
    const base = `http://127.0.0.1:${port}`;
    const push = async (job: Record<string, unknown>) => {
      const headers = { authorization: "Bearer secret" };
      const response = await fetch(`${base}/jobs`, {
        method: "POST",
        headers,
        body: JSON.stringify(job),
      });
      assertEquals((await response.json()).duplicate, false);
    };
    await push({ job: "resize", queue: "images", data: EVIL, delayMs: 3_600_000 });
    await push({ job: EVIL, queue: EVIL, data: { [EVIL]: EVIL }, key: EVIL });
    await using browser = await Browser.start();
    const page = await browser.page(`${base}/dashboard`);
    await logIn(page, "secret");
    await push({ job: "more", queue: "mail" });
    await page.until("document.querySelector('#part-queues').textContent.includes('mail')");
    await page.show({ width: 1200, height: 800 });
    await picture(page, "queue");
    await tabTo(page, "a", "images");
    await page.press("Enter");
    await page.until("document.querySelector('h1')?.textContent === 'images'");
    await page.show({ width: 390, height: 800, dark: true });
    await picture(page, "queue-phone-dark");
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    await tabTo(page, "button", "Kick delayed");
    await page.press("Enter");
    await page.until("document.querySelector('.message')?.textContent.includes('1 jobs')");
    await page.visit(`${base}/dashboard/jobs/1`);
    await picture(page, "queue-job");
    await tabTo(page, "summary", "Delete");
    await page.press("Enter");
    await tabTo(page, "button", "Delete job 1");
    await page.press("Enter");
    await page.until("document.querySelector('.message')?.textContent === 'Job 1 is deleted'");
    for (const path of ["", `/queues/${encodeURIComponent(EVIL)}`, "/jobs/2"]) {
      await page.visit(`${base}/dashboard${path}`);
      await page.until("document.getElementById('status')?.textContent === 'live'");
      const images = await page.evaluate("document.querySelectorAll('img[src=x]').length");
      assertEquals([images, await page.evaluate("globalThis.isHacked")], [0, undefined]);
    }
    assert(await page.evaluate("document.cookie === ''"));
    // An open stream doesn't keep the server from stopping.
    assertEquals(await server.end("SIGTERM"), 0);
    await page.until("document.getElementById('status').textContent === 'not live'");
    await Deno.remove(file);
  },
});
