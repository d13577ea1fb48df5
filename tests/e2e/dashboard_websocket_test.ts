import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { Browser } from "./browser.ts";
import { logIn, picture, tabTo } from "./dashboard.ts";
import { Program, runProgram } from "./program.ts";

const { ignore, suffix } = need("chromium");
const APP = `import { Rooms } from "@sluice/sluice/websocket";
const rooms = new Rooms({
  onOpen: (connection) => void rooms.join(connection, connection.request.url.pathname),
  onMessage: (connection, message) => void connection.send(message),
});
export default rooms;
`;

Deno.test({
  name: `the dashboard of a WebSocket server is live, and closes a connection${suffix}`,
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/token`, "secret\n");
    const source = `data:text/javascript,${encodeURIComponent(APP)}`;
    const flags = ["-p", "0", "-i", "127.0.0.1", "--http", "0", "--token", `${folder}/token`];
    await using server = Program.start(["websocket/listen.ts", source, ...flags]);
    const [, http] = await server.line(/:(\d+) \(http\)/);
    const [, url] = await server.line(/listening on (ws:[^\s,]+)/);
    await using browser = await Browser.start();
    const page = await browser.page(`http://127.0.0.1:${http}/dashboard/login`);
    await page.show({ width: 1200, height: 900 });
    await logIn(page, "secret");
    const client = new WebSocket(`${url}chat`);
    const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
    await page.until("document.querySelector('#part-connections').textContent.includes('/chat')");
    await picture(page, "websocket");
    await tabTo(page, "summary", "Close");
    await page.press("Enter");
    await tabTo(page, "button", "Close it");
    await page.press("Enter");
    assertEquals((await closed).code, 1001);
    await page.until("document.querySelector('#part-connections')?.textContent.includes('Nobody')");
    const other = new WebSocket(`${url}news`);
    await new Promise((resolve) => other.onopen = resolve);
    await page.visit(`http://127.0.0.1:${http}/dashboard/topics`);
    await page.until("document.querySelector('#part-topics').textContent.includes('/news')");
    await page.show({ width: 390, height: 844, dark: true });
    await picture(page, "websocket-phone-dark");
    assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
    const gone = new Promise((resolve) => other.onclose = resolve);
    assertEquals(await server.end("SIGTERM"), 0);
    await gone;
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("websocket/listen.ts refuses --token without --http", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "secret\n");
  const args = [
    "websocket/listen.ts",
    `data:text/javascript,${encodeURIComponent(APP)}`,
    "--token",
    file,
  ];
  const { code, stderr } = await runProgram(args);
  assertEquals([code, stderr.includes("Cannot use --token without --http")], [2, true]);
  await Deno.remove(file);
});
