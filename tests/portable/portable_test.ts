import { assertEquals, assertGreater } from "@std/assert";
import { Topics, WsServer } from "../../websocket/mod.ts";
import { Browser } from "../e2e/browser.ts";
import { fromFileUrl } from "../e2e/paths.ts";
import { need } from "../needs.ts";
import type { Report } from "./checks.ts";

/** The checks as one file of plain JavaScript, which imports nothing. */
async function bundle(folder: string): Promise<string> {
  const file = `${folder}/checks.mjs`;
  const args = ["bundle", "--quiet", "--platform", "browser", "--output", file];
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, fromFileUrl("../portable/checks.ts")],
    stderr: "inherit",
  });
  const { success } = await command.output();
  assertEquals(success, true);
  return file;
}

/** Runs the checks somewhere, beside a server of topics. */
async function report(run: (file: string, url: string) => Promise<unknown>): Promise<Report> {
  const folder = await Deno.makeTempDir();
  const server = new WsServer(new Topics({ onMessage() {} }, { mayPublish: () => true }));
  const { port } = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
  try {
    return await run(await bundle(folder), `ws://127.0.0.1:${port}/`) as Report;
  } finally {
    await server.drain();
    await Deno.remove(folder, { recursive: true });
  }
}

function assertPassed({ checks, failed }: Report): void {
  assertEquals(failed, []);
  assertGreater(checks, 50);
}

const node = need("node");
Deno.test({
  name: `codecs, PHP's formats and the client run under Node${node.suffix}`,
  ignore: node.ignore,
  fn: async () => {
    assertPassed(
      await report(async (file, url) => {
        const code = `import(${JSON.stringify(file)}).then(({ check }) => ` +
          `check(${JSON.stringify(url)})).then((report) => console.log(JSON.stringify(report)))`;
        const command = new Deno.Command("node", {
          args: ["--experimental-websocket", "--eval", code],
          stderr: "inherit",
        });
        return JSON.parse(new TextDecoder().decode((await command.output()).stdout));
      }),
    );
  },
});

const chromium = need("chromium");
Deno.test({
  name: `codecs, PHP's formats and the client run in a browser${chromium.suffix}`,
  ignore: chromium.ignore,
  fn: async () => {
    assertPassed(
      await report(async (file, url) => {
        const script = await Deno.readTextFile(file);
        await using pages = Deno.serve({ port: 0, onListen: () => {} }, ({ url }) => {
          const isScript = url.endsWith(".mjs");
          const type = isScript ? "text/javascript" : "text/html";
          return new Response(isScript ? script : "", { headers: { "content-type": type } });
        });
        await using browser = await Browser.start();
        const page = await browser.page(`http://localhost:${pages.addr.port}/`);
        await page.until("location.protocol === 'http:' && document.readyState === 'complete'");
        return await page.evaluate(
          `import("/checks.mjs").then(({ check }) => check(${JSON.stringify(url)}))`,
        );
      }),
    );
  },
});
